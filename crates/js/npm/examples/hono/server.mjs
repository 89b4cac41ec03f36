// The Hono example in Node.
import { serve } from "@hono/node-server";

import { createApp } from "./app.mjs";

const { CAS_URL: cas, PUBLIC_URL: publicUrl, PORT = "3000" } = process.env;
serve({ fetch: createApp({ cas, publicUrl }).fetch, port: Number(PORT), hostname: "127.0.0.1" }, () => console.log(`Listening on 127.0.0.1:${PORT} for ${publicUrl}`));
