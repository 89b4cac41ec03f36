// JupyterLab, an app that lives on WebSockets, behind what worker/docs/behind-jupyter.md says. It is ann's.
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { need, venvPython } from "../setup.mjs";
import { freePorts } from "./free_ports.mjs";
import { guide } from "./guide.mjs";
import { answers, spawnPart } from "./process.mjs";

/**
 * @param {object} options
 * @param {string} options.publicUrl   what people type
 * @param {string} options.originValue what the gate sends to this app alone
 */
export async function start({ publicUrl, originValue }) {
  await need("venv:jupyter");
  const state = mkdtempSync(join(tmpdir(), "portcullis-jupyter-"));
  const remove = () => rmSync(state, { recursive: true, force: true });
  const port = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  try {
    const files = guide("jupyter", {
      "VALUE-OF-THIS-APP": originValue,
      "https://app.example.org": publicUrl,
      "app.example.org": new URL(publicUrl).hostname,
      8888: String(port),
    });
    const config = join(state, "jupyter_server_config.py");
    // The tests may run as root, which JupyterLab refuses by default.
    writeFileSync(config, `${files["jupyter_server_config.py"]}\nc.ServerApp.allow_root = True\n`);
    mkdirSync(join(state, "work"));
    const bin = dirname(venvPython("jupyter"));
    const part = await spawnPart({
      name: "JupyterLab",
      command: join(bin, "jupyter-lab"),
      args: [`--config=${config}`],
      env: { HOME: state, JUPYTER_RUNTIME_DIR: join(state, "runtime"), PATH: `${bin}:${process.env.PATH}` },
      cwd: join(state, "work"),
      ready: () => answers(`${url}/api`),
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
