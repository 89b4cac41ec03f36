// A PHP app on PHP's own server, behind what worker/docs/behind-php.md says. tests/parts/php/index.php says what it does.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { debianMissing, debianPath, need, root } from "../setup.mjs";
import { freePorts } from "./free_ports.mjs";
import { guide } from "./guide.mjs";
import { answers, spawnPart } from "./process.mjs";

export const missing = () => debianMissing("php-cli");

/**
 * @param {object} options
 * @param {string} options.publicUrl what people type: the issuer of assertions
 * @param {string} options.app       their audience
 */
export async function start({ publicUrl, app }) {
  await need("debian:php-cli");
  const state = mkdtempSync(join(tmpdir(), "portcullis-php-"));
  const remove = () => rmSync(state, { recursive: true, force: true });
  const files = guide("php", {
    "https://app.example.org": publicUrl,
    "app.example.org": app,
    "/var/lib/app": state,
    "/srv/app": state,
  });
  writeFileSync(join(state, "gate.php"), files["gate.php"]);
  copyFileSync(join(root, "worker", "verifiers", "PortcullisAssertion.php"), join(state, "PortcullisAssertion.php"));
  const settings = files["gate.ini"].split("\n").filter((line) => line.includes("=")).flatMap((line) => ["-d", line.replaceAll(" ", "")]);
  const port = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  try {
    const part = await spawnPart({
      name: "the PHP app",
      command: debianPath("php-cli"),
      // As a folder: before a router script, PHP would not run the file of the guide.
      args: ["-S", `127.0.0.1:${port}`, ...settings, "-t", join(root, "tests", "parts", "php")],
      // With one worker a request inside a request waits for itself.
      env: { PHP_CLI_SERVER_WORKERS: "4", NOTES: join(state, "notes") },
      ready: () => answers(url),
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
