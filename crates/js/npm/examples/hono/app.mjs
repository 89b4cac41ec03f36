// Sign-in at a CAS server with Hono: in Node, Deno, Bun or a Worker (with a shared store for its sessions there).
//   npm install hono @hono/node-server portcullis
//   CAS_URL=https://cas.example.org/cas PUBLIC_URL=https://app.example.org PORT=3000 node server.mjs
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";

import { CasClient, cookieSettings, explain, safePage } from "../cas_client.mjs";

export function createApp({ cas, publicUrl }) {
  const client = new CasClient({ cas, publicUrl });
  const settings = cookieSettings(publicUrl);
  const app = new Hono();

  app.use(async (c, next) => {
    await next();
    c.header("cache-control", "no-store");
  });

  app.get("/signed-in/:id", async (c) => {
    const { id } = c.req.param();
    const page = getCookie(c, "page");
    // Without the cookie another browser has begun this sign-in, so its ticket is not used.
    if (page === undefined) return c.html('This sign-in was not begun in this browser. <a href="/">Sign in here</a>', 400);
    const session = await client.finish(id, new URL(c.req.url).search);
    deleteCookie(c, "page", { ...settings, path: `/signed-in/${id}` });
    setCookie(c, "session", session, { ...settings, path: "/" });
    c.header("referrer-policy", "no-referrer");
    return c.redirect(safePage(page), 303);
  });

  // The server sends single logout requests to the service, which is this same path.
  app.post("/signed-in/:id", bodyLimit({ maxSize: 16 * 1024 }), async (c) => {
    client.end(await c.req.text());
    return c.body(null, 200);
  });

  app.post("/sign-out", (c) => {
    const url = client.signOut(getCookie(c, "session"));
    deleteCookie(c, "session", { ...settings, path: "/" });
    return c.redirect(url, 303);
  });

  app.get("*", (c) => {
    const here = new URL(c.req.url);
    const page = here.pathname + here.search;
    const person = client.person(getCookie(c, "session"));
    if (person) return c.json({ user: person.user, attributes: person.attributes, page });
    // A script gets 401, because only a page load can go to the sign-in server and come back.
    if (!(c.req.header("accept") ?? "").includes("html") || c.req.header("sec-fetch-mode") === "cors") return c.json({ error: "SIGNED_OUT" }, 401);
    const { path, url } = client.begin();
    setCookie(c, "page", safePage(page), { ...settings, path, maxAge: 10 * 60 });
    return c.redirect(url, 303);
  });

  app.onError((error, c) => {
    const [status, text] = explain(error);
    return c.text(text, status, status === 503 ? { "retry-after": "10" } : {});
  });
  return app;
}
