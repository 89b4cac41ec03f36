// Runs workerd and starts it again when it ends by itself, because of a bug or a limit of the machine. The listening socket is
// this process's descriptor 3, so the port stays bound in between and connections wait.
//   node supervise.mjs WORKERD ARGS…
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

/** The wait before a new start. It doubles each time, up to `last`. */
const BACK_OFF_MS = { first: 200, last: 10_000 };
/** If the first start ends by itself within this time, the configuration is wrong. */
const START_MS = 1_000;
const LAST_LINES = 5;

const [command, ...args] = process.argv.slice(2);
let child;
let stopped = false;
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => {
    stopped = true;
    child?.kill(signal);
  });
}

const ends = [];
for (let wait = BACK_OFF_MS.first, first = true; ; first = false) {
  const began = Date.now();
  let tail = "";
  child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe", 3] });
  for (const stream of ["stdout", "stderr"]) {
    child[stream].on("data", (chunk) => {
      process[stream].write(chunk);
      tail = (tail + chunk).slice(-4_000);
    });
  }
  const code = await new Promise((done) => child.once("error", () => done(1)).once("close", done));
  if (stopped) process.exit(0);
  if (first && code !== null && Date.now() - began < START_MS) process.exit(code || 1);
  ends.push(Date.now());
  if (Date.now() - began > 60_000) wait = BACK_OFF_MS.first;
  if (ends.filter((end) => Date.now() - end < 60_000).length >= 3) {
    console.error(`portcullis: workerd has ended three times within a minute. Its last lines:\n${tail.trimEnd().split("\n").slice(-LAST_LINES).join("\n")}`);
  } else {
    console.error("portcullis: workerd has ended and is started again. Nobody is signed out by it.");
  }
  await sleep(wait);
  if (stopped) process.exit(0);
  wait = Math.min(2 * wait, BACK_OFF_MS.last);
}
