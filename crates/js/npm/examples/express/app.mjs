// Sign-in at a CAS server with Express.
//   npm install express portcullis
//   CAS_URL=https://cas.example.org/cas PUBLIC_URL=https://app.example.org PORT=3000 node app.mjs
import { fileURLToPath } from "node:url";

import express from "express";

import { CasClient, cookieSettings, explain, safePage } from "../cas_client.mjs";

export function createApp({ cas, publicUrl }) {
  const client = new CasClient({ cas, publicUrl });
  const settings = { ...cookieSettings(publicUrl), sameSite: "lax" };
  const app = express().disable("x-powered-by").disable("etag");

  const signedIn = (request, response, next) => {
    response.set("cache-control", "no-store");
    const person = client.person(cookie(request, "session"));
    if (person) {
      response.locals.person = person;
      return next();
    }
    // A script gets 401, because only a page load can go to the sign-in server and come back.
    if (request.method !== "GET" || !request.accepts("html") || request.get("sec-fetch-mode") === "cors") return response.status(401).json({ error: "SIGNED_OUT" });
    const { path, url } = client.begin();
    response.cookie("page", safePage(request.originalUrl), { ...settings, path, maxAge: 10 * 60 * 1000 });
    response.redirect(303, url);
  };

  app.get("/signed-in/:id", async (request, response) => {
    const { id } = request.params;
    const page = cookie(request, "page");
    // Without the cookie another browser has begun this sign-in, so its ticket is not used.
    if (page === undefined) return response.status(400).send('This sign-in was not begun in this browser. <a href="/">Sign in here</a>');
    response.set({ "cache-control": "no-store", "referrer-policy": "no-referrer" });
    const session = await client.finish(id, new URL(request.originalUrl, publicUrl).search);
    response.clearCookie("page", { ...settings, path: `/signed-in/${id}` });
    response.cookie("session", session, { ...settings, path: "/" });
    response.redirect(303, safePage(page));
  });

  // The server sends single logout requests to the service, which is this same path.
  app.post("/signed-in/:id", express.text({ type: "*/*", limit: "16kb" }), (request, response) => {
    client.end(request.body ?? "");
    response.end();
  });

  app.post("/sign-out", (request, response) => {
    const url = client.signOut(cookie(request, "session"));
    response.clearCookie("session", { ...settings, path: "/" });
    response.redirect(303, url);
  });

  app.get("/{*page}", signedIn, (request, response) => {
    const { user, attributes } = response.locals.person;
    response.json({ user, attributes, page: request.originalUrl });
  });

  // Express knows an error handler by its four arguments.
  app.use((error, request, response, _next) => {
    const [status, text] = explain(error);
    if (status === 503) response.set("retry-after", "10");
    response.status(status).type("text").set("cache-control", "no-store").send(text);
  });
  return app;
}

function cookie(request, name) {
  const found = (request.get("cookie") ?? "").split("; ").find((pair) => pair.startsWith(`${name}=`));
  try {
    return found && decodeURIComponent(found.slice(name.length + 1));
  } catch {
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { CAS_URL: cas, PUBLIC_URL: publicUrl, PORT = "3000" } = process.env;
  createApp({ cas, publicUrl }).listen(Number(PORT), "127.0.0.1", () => console.log(`Listening on 127.0.0.1:${PORT} for ${publicUrl}`));
}
