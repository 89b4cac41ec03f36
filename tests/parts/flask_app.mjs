// A Flask app under /flask/: the person it was given, and /flask/seen with everything that reached it.
import { startSite } from "./python_site.mjs";

export const start = async () => ({ ...(await startSite("flask_app")), supports: {} });
