// A static site on nginx, behind what worker/docs/behind-static.md says.
//   /  /folder/  /staff/   pages      /big.bin   one megabyte
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { debianMissing, debianPath, need } from "../setup.mjs";
import { freePorts } from "./free_ports.mjs";
import { guide } from "./guide.mjs";
import { answers, spawnPart } from "./process.mjs";

export const missing = () => debianMissing("nginx-light");
/** The policy of the guide. */
export const policy = () => guide("static", {})["policy.toml"];

/**
 * @param {object} options
 * @param {string} options.originValue what the gate sends to this app alone
 */
export async function start({ originValue }) {
  await need("debian:nginx-light");
  const state = mkdtempSync(join(tmpdir(), "portcullis-static-"));
  const remove = () => rmSync(state, { recursive: true, force: true });
  const port = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  try {
    const site = join(state, "site");
    for (const folder of ["", "folder", "staff"]) {
      mkdirSync(join(site, folder), { recursive: true });
      writeFileSync(join(site, folder, "index.html"), `<!doctype html><title>Static</title><h1>/${folder}</h1>\n`);
    }
    writeFileSync(join(site, "big.bin"), Buffer.alloc(1 << 20, "static"));
    const files = guide("static", { "VALUE-OF-THIS-APP": originValue, "127.0.0.1:8080": `127.0.0.1:${port}`, "/srv/site": site });
    const config = join(state, "nginx.conf");
    // Everything it writes stays in the folder; workers need no other user.
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${join(state, name)};`).join(" ");
    const user = process.getuid?.() === 0 ? "user root;\n" : "";
    writeFileSync(config, `${user}daemon off;\nworker_processes 1;\npid ${join(state, "pid")};\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\ntypes { text/html html; }\n${temporary}\n${files["site.conf"]}\n}\n`);
    const part = await spawnPart({
      name: "nginx",
      command: debianPath("nginx-light"),
      args: ["-e", "stderr", "-c", config],
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
