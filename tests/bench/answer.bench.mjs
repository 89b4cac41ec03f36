// Reading an answer of the CAS server with many groups, 20 kB, in the core, natively.
import { execFileSync } from "node:child_process";

import { root } from "../setup.mjs";
import { row } from "./processor.mjs";

const MOST_US = 100;
const said = execFileSync("cargo", ["run", "--quiet", "--release", "-p", "cas", "--example", "read_answer"], { cwd: root, encoding: "utf8" });
for (const [format, bytes, nanos] of said.trim().split("\n").map((line) => line.split(" "))) {
  console.log(row(nanos <= MOST_US * 1000, `an answer of ${(bytes / 1000).toFixed(1)} kB as ${format.toUpperCase()}: ${(nanos / 1000).toFixed(1)} us (goal ${MOST_US} us)`));
}
