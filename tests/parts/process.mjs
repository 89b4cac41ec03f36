// Starts a program, waits until it is ready, and stops it together with everything that it started.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const KEPT_LINES = 400;
const running = new Set();

// No process of a part runs on after the test, however the test ends.
process.on("exit", () => running.forEach((child) => end(child, "SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    running.forEach((child) => end(child, "SIGKILL"));
    process.kill(process.pid, signal);
  });
}

function end(child, signal) {
  try {
    process.kill(-child.pid, signal); // the whole process group
  } catch {
    // It has ended already.
  }
}

/**
 * Starts a command and waits until `ready` returns something true, such as the address.
 *
 * @param {object} options
 * @param {string} options.name       its name in messages
 * @param {string} options.command
 * @param {string[]} [options.args]
 * @param {NodeJS.ProcessEnv} [options.env] added to the environment of this process
 * @param {string} [options.cwd]
 * @param {(lines: string[]) => unknown | Promise<unknown>} options.ready called again and again until it returns something true
 * @param {number} [options.timeoutMs] the longest time until it must be ready
 * @param {number[]} [options.fds]    open file descriptors that the child gets as 3, 4, …
 * @param {(line: string) => void} [options.onLine] gets each line that it prints
 */
export async function spawnPart({ name, command, args = [], env = {}, cwd, ready, timeoutMs = 60_000, fds = [], onLine }) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, detached: true, stdio: ["ignore", "pipe", "pipe", ...fds] });
  const lines = [];
  for (const stream of [child.stdout, child.stderr]) {
    let rest = "";
    stream.setEncoding("utf8").on("data", (text) => {
      const parts = (rest + text).split("\n");
      rest = parts.pop();
      lines.push(...parts);
      if (onLine) parts.forEach((line) => onLine(line));
      lines.splice(0, lines.length - KEPT_LINES);
    });
  }
  running.add(child);
  let failure;
  child.once("error", (error) => (failure = error));
  child.once("exit", () => running.delete(child));

  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null || failure) return;
    const gone = once(child, "exit");
    end(child, "SIGTERM");
    if ((await Promise.race([gone, sleep(5_000, "late", { ref: false })])) === "late") end(child, "SIGKILL");
    await gone;
  };
  const logs = (last = 40) => lines.slice(-last).join("\n");

  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (failure) throw new Error(`${name} cannot be started: ${failure.message}`);
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode} before it was ready:\n${logs()}`);
    const found = await ready(lines);
    if (found) return { child, found, logs, stop };
    if (Date.now() > deadline) {
      await stop();
      throw new Error(`${name} was not ready after ${timeoutMs / 1000} s:\n${logs()}`);
    }
    await sleep(50);
  }
}

/** The ids of a process's children, where the system tells (Linux). */
export function childrenOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(/\s+/).filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Whether an address answers at all, with any status. Most parts are ready then. */
export async function answers(url, headers = {}) {
  try {
    await fetch(url, { redirect: "manual", headers, signal: AbortSignal.timeout(2_000) });
    return true;
  } catch {
    return false;
  }
}
