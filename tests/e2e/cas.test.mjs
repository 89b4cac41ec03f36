// The scenarios of cas.scenarios.mjs on each CAS server: one gate, the real Django and Flask apps behind it, one Chromium.
import test, { after, before, describe } from "node:test";

import * as chromiumPart from "../parts/chromium.mjs";
import * as demoCas from "../parts/demo_cas.mjs";
import * as djangoApp from "../parts/django_app.mjs";
import * as djangoCas from "../parts/django_cas.mjs";
import * as flaskApp from "../parts/flask_app.mjs";
import * as gatePart from "../parts/gate.mjs";
import * as relayPart from "../parts/relay.mjs";
import { lacking, policy, scenarios } from "./cas.scenarios.mjs";

const servers = { "demo CAS": demoCas, "django-cas-server": djangoCas };
const revalidateSecs = 1;
const freshSecs = 2;

const apps = {};
before(async () => {
  [apps.chromium, apps.django, apps.flask] = await Promise.all([chromiumPart.launch(), djangoApp.start(), flaskApp.start()]);
});
after(() => Promise.all(Object.values(apps).map((part) => part[Symbol.asyncDispose]())));

for (const [label, part] of Object.entries(servers)) {
  describe(label, () => {
    const world = { label, revalidateSecs, freshSecs };
    before(async () => {
      world.server = await part.start();
      world.relay = await relayPart.start(world.server.url);
      world.chromium = apps.chromium;
      world.gate = await gatePart.start({ cas: world.relay.url, origin: apps.django.url, origins: { FLASK: apps.flask.url }, policy: policy({ revalidateSecs, freshSecs }) });
    });
    after(async () => {
      for (const started of [world.gate, world.relay, world.server]) await started?.[Symbol.asyncDispose]();
    });

    for (const scenario of scenarios) {
      const reason = lacking(part, scenario);
      if (reason) console.log(`left out on ${label}: "${scenario.name}", because ${reason}`);
      else test(scenario.name, (context) => scenario.run(world, context).catch((error) => {
        for (const name of ["gate", "server"]) console.error(`── last lines of the ${name} ──\n${world[name].logs()}`);
        throw error;
      }));
    }
  });
}
