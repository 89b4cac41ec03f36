// JupyterLab behind the gate, as worker/docs/behind-jupyter.md says: an app that lives on WebSockets, and is ann's alone.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import * as jupyterApp from "../../parts/jupyter_app.mjs";
import { shared } from "../../parts/together.mjs";
import { appCookies, behindGate, message, refusesForgeries, signedIn, socket } from "./support.mjs";

describe("JupyterLab behind the gate", () => {
  let world;
  shared(async (stack) => (world = await behindGate(stack, jupyterApp)));

  const script = { accept: "application/json" };
  const post = (browser, path, xsrf) => browser.ask(world.url + path, { method: "POST", headers: { ...script, "content-type": "application/json", origin: world.url, ...(xsrf && { "x-xsrftoken": xsrf }) }, body: "{}" });
  const isRefused = ({ status, headers }) => status === 403 || status === 401 || (status === 302 && headers.location.startsWith("/login?"));

  test("one sign-in, a guarded POST, the app's cookie, and a kernel that answers through a socket", async () => {
    const ann = await signedIn(world, "ann");
    const start = await ann.ask(`${world.url}/`);
    assert.match(start.location, /^http:\/\/localhost:\d+\/lab\??$/);
    const lab = await ann.ask(start.location);
    assert.equal(lab.status, 200);
    assert.deepEqual(appCookies(lab), ["_xsrf"]);
    assert.equal(JSON.parse((await ann.ask(`${world.url}/api/me`, { headers: script })).text).identity.username, "ann");
    const xsrf = ann.cookies(world.url).get("_xsrf");
    assert.equal((await post(ann, "/api/kernels")).status, 403, "Jupyter's own guard of forms works");
    const made = await post(ann, "/api/kernels", xsrf);
    assert.equal(made.status, 201, made.text);
    const kernel = JSON.parse(made.text).id;
    assert.equal(made.location, `${world.url}/api/kernels/${kernel}`);
    await sleep(2_000); // a kernel that is asked at once does not hear it

    const session = randomUUID();
    const ws = await socket(world, ann, `/api/kernels/${kernel}/channels?session_id=${session}`);
    const answer = message(ws, (data) => typeof data === "string" && JSON.parse(data).msg_type === "stream");
    ws.send(JSON.stringify({
      header: { msg_id: randomUUID(), username: "ann", session, msg_type: "execute_request", version: "5.3", date: new Date().toISOString() },
      parent_header: {},
      metadata: {},
      content: { code: "print(6 * 7)", silent: false, store_history: false, user_expressions: {}, allow_stdin: false },
      channel: "shell",
      buffers: [],
    }));
    assert.equal(JSON.parse(await answer).content.text, "42\n");
    ws.close();
    await assert.rejects(socket(world, ann, `/api/kernels/${kernel}/channels`, { origin: "http://evil.example" }), "another site's page opens no socket");
  });

  test("h23_a_local_users_name_gives_nobody_a_shell", async () => {
    for (const user of ["root", "admin", "ben"]) {
      const other = await signedIn(world, user);
      assert.ok(isRefused(await other.ask(`${world.url}/lab`)), user);
      assert.ok(isRefused(await other.ask(`${world.url}/api/me`, { headers: script })), user);
      assert.ok(isRefused(await post(other, "/api/kernels", "x")), user);
    }
  });

  test("h10_h18_jupyter_refuses_what_comes_past_the_gate", async () => {
    await refusesForgeries(world, ["/lab", "/api/me", "/api/contents", "/api/kernels"], isRefused);
    await assert.rejects(socket({ url: world.app.url }, await signedIn(world, "ann"), "/api/kernels/x/channels", { "Remote-User": "ann" }));
  });
});
