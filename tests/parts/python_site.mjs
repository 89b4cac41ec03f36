// The four Python parts share one environment with exact versions. Each site binds a free port by itself, and has a folder for its
// database that is removed when it stops.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { need, root, venvPython } from "../setup.mjs";
import { spawnPart } from "./process.mjs";

const folder = join(root, "tests", "parts", "python", "sites");

/** The interpreter of the sites' environment, which also has PyOTP. Installs the environment when it is missing. */
export async function sitesPython() {
  await need("venv:sites");
  return venvPython("sites");
}

/**
 * Starts `tests/parts/python/sites/<name>.py`, which prints `ready URL` when it listens.
 *
 * @param {string} name
 * @param {string[]} [args]
 */
export async function startSite(name, args = []) {
  const python = await sitesPython();
  const state = await mkdtemp(join(tmpdir(), `portcullis-${name}-`));
  const remove = () => rm(state, { recursive: true, force: true });
  try {
    const part = await spawnPart({
      name,
      command: python,
      args: ["-B", "-W", "ignore", join(folder, `${name}.py`), "--state", state, ...args],
      env: { PYTHONUNBUFFERED: "1" },
      cwd: folder,
      ready: (lines) => lines.map((line) => /^ready (http:\S+)$/.exec(line)?.[1]).find(Boolean),
    });
    return {
      url: part.found,
      logs: part.logs,
      async [Symbol.asyncDispose]() {
        await part.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
