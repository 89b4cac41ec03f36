// The scenarios on the two CAS servers that start within seconds; Apereo CAS has them in `npm run interop -- cas`.
import * as demoCas from "../parts/demo_cas.mjs";
import * as djangoCas from "../parts/django_cas.mjs";
import { runScenarios } from "./cas.runner.mjs";

runScenarios({ "demo CAS": demoCas, "django-cas-server": djangoCas });
