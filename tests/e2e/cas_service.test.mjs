// `npm run cas-service -- --for django-cas-server`, loaded into that server.
import assert from "node:assert/strict";
import test from "node:test";

import { attributesOfThePolicyAlone, printed, ticketsForTheGateAlone } from "../parts/cas_service.mjs";
import * as djangoCas from "../parts/django_cas.mjs";

const site = "http://localhost:4711";

test("o05_the_entries_for_django_cas_server_give_tickets_to_the_gate_alone", async () => {
  // Twice, as after a change of the policy.
  await using cas = await djangoCas.start({ services: printed("django-cas-server", site).repeat(2) });
  await ticketsForTheGateAlone(cas, site);
  await attributesOfThePolicyAlone(cas, site);
});

test("cas-service says what it lacks", () => {
  assert.throws(() => printed("keycloak", site), /must be apereo or django-cas-server/);
});
