// Runs the scenarios of cas.scenarios.mjs on a CAS server: one gate, the real Django and Flask apps behind it, one Chromium.
import test, { describe } from "node:test";

import * as chromiumPart from "../parts/chromium.mjs";
import * as djangoApp from "../parts/django_app.mjs";
import * as flaskApp from "../parts/flask_app.mjs";
import * as gatePart from "../parts/gate.mjs";
import * as relayPart from "../parts/relay.mjs";
import { shared, together } from "../parts/together.mjs";
import { lacking, policy, scenarios } from "./cas.scenarios.mjs";

const revalidateSecs = 1;
const freshSecs = 2;

/**
 * @param {Record<string, { supports: object, start: () => Promise<object> }>} servers the parts, by the label that tests show
 */
export function runScenarios(servers) {
  let chromium, django, flask;
  shared(async (stack) => {
    [chromium, django, flask] = await together(stack, chromiumPart.launch(), djangoApp.start(), flaskApp.start());
  });

  for (const [label, part] of Object.entries(servers)) {
    describe(label, () => {
      const world = { label, revalidateSecs, freshSecs };
      shared(async (stack) => {
        world.chromium = chromium;
        [world.server] = await together(stack, part.start());
        [world.relay] = await together(stack, relayPart.start(world.server.url));
        const options = { cas: world.relay.url, origin: django.url, origins: { FLASK: flask.url }, policy: policy({ revalidateSecs, freshSecs }) };
        [world.gate] = await together(stack, gatePart.start(options));
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
}
