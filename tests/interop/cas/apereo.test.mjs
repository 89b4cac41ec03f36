// The scenarios of every CAS server, on Apereo CAS itself. `npm run interop` leaves this out, and says why, where the
// machine cannot run it.
import { runScenarios } from "../../e2e/cas.runner.mjs";
import * as apereoCas from "../../parts/apereo_cas.mjs";

runScenarios({ "Apereo CAS": apereoCas });
