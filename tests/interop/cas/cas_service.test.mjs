// `npm run cas-service -- --for apereo`, loaded into Apereo CAS.
import assert from "node:assert/strict";
import test from "node:test";

import * as apereoCas from "../../parts/apereo_cas.mjs";
import { attributesOfThePolicyAlone, entriesForApereo, ticketsForTheGateAlone } from "../../parts/cas_service.mjs";

const site = "http://localhost:4711";

test("o05_the_entries_for_apereo_cas_give_tickets_to_the_gate_alone", async () => {
  const services = entriesForApereo(site);
  assert.equal(services.length, 3);
  await using cas = await apereoCas.start({ services });
  try {
    await ticketsForTheGateAlone(cas, site);
    await attributesOfThePolicyAlone(cas, site);
    // The way back after a sign-out is followed, to the gate's site alone.
    const back = (service) => fetch(`${cas.url}/logout?service=${encodeURIComponent(service)}`, { redirect: "manual", headers: { "user-agent": "tests" } });
    assert.equal((await back(`${site}/`)).headers.get("location"), `${site}/`);
    assert.equal((await back("http://localhost:4712/")).headers.get("location"), null);
  } catch (error) {
    console.error(cas.logs());
    throw error;
  }
});
