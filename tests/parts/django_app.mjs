// A Django app that takes the person from the gate's headers (RemoteUserMiddleware) and has CSRF on.
//   /            the person it was given, and a form that posts a note
//   /page/N      the same under a title of its own, for tabs
//   /AREA/       the same again, for areas that a policy treats differently
//   /seen        everything that reached it, as JSON (also /AREA/seen)
import { startSite } from "./python_site.mjs";

export const start = async () => ({ ...(await startSite("django_app")), supports: {} });
