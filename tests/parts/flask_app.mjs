// A Flask app under /flask/: it shows the person in the headers, and at /flask/seen the request that arrived, as JSON.
import { startSite } from "./python_site.mjs";

export const start = async () => ({ ...(await startSite("flask_app")), supports: {} });
