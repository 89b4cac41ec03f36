// A demo app without passwords, sessions or CAS: it shows the person whom the gate names. For development only.
import { createServer } from "node:http";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const escape = (text) => text.replaceAll(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
// The gate sends what is not ASCII percent-encoded.
const readable = (value) => {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
};

const page = (title, body) => `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
  :root { color-scheme: light dark; --paper: #fbfaf7; --raised: #fff; --line: #e2ded5; --ink: #16181d; --quiet: #5a5f68; --accent: #0b6b63; --on: #fff }
  @media (prefers-color-scheme: dark) { :root { --paper: #121417; --raised: #1b1e23; --line: #2e3238; --ink: #f1f0ec; --quiet: #a3a8b1; --accent: #63d2c4; --on: #06211e } }
  body { margin: 0; padding: 48px 16px; background: var(--paper); color: var(--ink); font: 16px/24px system-ui, sans-serif }
  main { max-width: 44rem; margin: auto }
  h1 { font-size: 28px; line-height: 36px; margin: 0 0 8px } p { margin: 0 0 16px } .quiet { color: var(--quiet) }
  table { width: 100%; border-collapse: separate; border-spacing: 0; overflow: hidden; background: var(--raised); border: 1px solid var(--line); border-radius: 12px; margin: 16px 0 24px }
  th, td { text-align: start; padding: 12px 16px; border-top: 1px solid var(--line); overflow-wrap: anywhere; vertical-align: top }
  tr:first-child > * { border-top: 0 } th { font-weight: 500; color: var(--quiet); width: 14rem }
  a { color: var(--accent) } nav { display: flex; gap: 8px 24px; flex-wrap: wrap }
  .button { display: inline-block; background: var(--accent); color: var(--on); border-radius: 8px; padding: 10px 16px; text-decoration: none }
</style><main>${body}</main></html>`;

function answer(request) {
  const person = request.headers["remote-user"];
  const rows = Object.entries(request.headers)
    .filter(([name]) => name.startsWith("remote-") || name.startsWith("x-forwarded-") || name === "x-portcullis-assertion")
    .map(([name, value]) => `<tr><th>${escape(name)}</th><td>${escape(name.endsWith("assertion") ? `${value.slice(0, 48)}… (${value.length} characters, signed)` : readable(value))}</td></tr>`);
  if (!person) {
    return page("Public page", `<h1>This page is public.</h1>
      <p>Nobody had to sign in, and the gate gave the app no name.</p><p><a class="button" href="/">Go to the page behind the gate</a></p>`);
  }
  return page("Demo app", `<h1>Hello, ${escape(readable(request.headers["remote-name"] ?? person))}.</h1>
    <p>This app has no password, no user table and no session. It read your name from the headers below, which the gate sets and nobody else can.</p>
    <table>${rows.join("")}</table>
    <nav><a class="button" href="/.portcullis/logout">Sign out</a><a href="/secret">A page with a second factor</a><a href="/public">A public page</a><a href="/.portcullis/whoami">What the gate knows</a></nav>`);
}

/** Starts the demo app on 127.0.0.1. */
export async function start({ port = 0 } = {}) {
  const server = createServer((request, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(answer(request));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    logs: () => "",
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log((await start({ port: Number(process.argv[2] ?? 8790) })).url);
