// A Django app that takes the person from the gate's headers (RemoteUserMiddleware), with CSRF protection.
//   /            the person in the headers, and a form that posts a note
//   /page/N      the same with its own title, for tests with several tabs
//   /AREA/       the same, for areas with different rules in a policy
//   /seen        the request that arrived, as JSON (also /AREA/seen)
import { startSite } from "./python_site.mjs";

export const start = async () => ({ ...(await startSite("django_app")), supports: {} });
