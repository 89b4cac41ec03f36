// Plone 6, a document system that universities run, behind what worker/docs/behind-plone.md says. Its site is at /Plone.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { need, run, venvPython } from "../setup.mjs";
import { freePorts } from "./free_ports.mjs";
import { guide } from "./guide.mjs";
import { answers, spawnPart } from "./process.mjs";

/**
 * @param {object} options
 * @param {string} options.originValue what the gate sends to this app alone
 */
export async function start({ originValue }) {
  await need("venv:plone");
  const bin = dirname(venvPython("plone"));
  const state = mkdtempSync(join(tmpdir(), "portcullis-plone-"));
  const remove = () => rmSync(state, { recursive: true, force: true });
  const port = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const env = { PYTHONPATH: state, PYTHONDONTWRITEBYTECODE: "1" };
  try {
    const files = guide("plone", { "VALUE-OF-THIS-APP": originValue, "127.0.0.1:8080": `127.0.0.1:${port}`, "/srv/plone": state });
    for (const name of ["gatekey.py", "zope.ini", "site.py"]) writeFileSync(join(state, name === "site.py" ? "make_site.py" : name), files[name]);
    const step = (command, args) => run(join(bin, command), args, { env, log: "plone.log", quiet: true });
    await step("mkwsgiinstance", ["-d", join(state, "instance"), "-u", "admin:of-this-machine-only"]);
    await step("zconsole", ["run", join(state, "instance", "etc", "zope.conf"), join(state, "make_site.py")]);
    const part = await spawnPart({
      name: "Plone",
      command: join(bin, "runwsgi"),
      args: [join(state, "zope.ini")],
      env,
      cwd: state,
      ready: () => answers(url),
      timeoutMs: 120_000,
    });
    return {
      url,
      logs: part.logs,
      async [Symbol.asyncDispose]() {
        await part.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
