// Whether a port is free, and which process has it if not. The commands check their ports before a long build, not after it.
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { createServer } from "node:http";

import { Trouble } from "../setup.mjs";

/** The name and number of the process that listens on a port, if the system tells. */
export function holderOf(port) {
  return fromProc(port) ?? fromLsof(port) ?? "another process";
}

function fromProc(port) {
  try {
    const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
    const sockets = ["/proc/net/tcp", "/proc/net/tcp6"]
      .flatMap((file) => readFileSync(file, "utf8").split("\n"))
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => columns[1]?.endsWith(wanted) && columns[3] === "0A")
      .map((columns) => `socket:[${columns[9]}]`);
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        if (readdirSync(`/proc/${pid}/fd`).some((fd) => sockets.includes(link(`/proc/${pid}/fd/${fd}`)))) {
          return `${readFileSync(`/proc/${pid}/comm`, "utf8").trim()}, process ${pid}`;
        }
      } catch {
        // A process of another user, or one that has just ended.
      }
    }
  } catch {
    // This system has no /proc.
  }
}

function link(path) {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function fromLsof(port) {
  const found = spawnSync("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"], { encoding: "utf8" });
  const [, pid] = found.stdout?.match(/^p(\d+)/m) ?? [];
  const [, name] = found.stdout?.match(/^c(.+)/m) ?? [];
  return pid && `${name}, process ${pid}`;
}

/** Listens on a port of a loopback host and answers with `handler` until `close()`. Throws a `Trouble` if the port is taken. */
export async function hold(port, host, handler, whatFor, remedy) {
  const server = createServer(handler);
  await new Promise((done, broken) => {
    server.once("error", (error) => {
      const taken = error.code === "EADDRINUSE";
      broken(taken ? new Trouble(`port ${port} is taken (${holderOf(port)}).`, `${whatFor} needs it.\n${remedy}`) : error);
    });
    server.listen(port, host, done);
  });
  return {
    close() {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}
