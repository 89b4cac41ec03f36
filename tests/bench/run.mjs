// `npm run bench`: runs every *.bench.mjs in this folder, one after the other, each in its own process.
//   npm run bench             all
//   npm run bench -- codes    one; what follows is handed to it: `qr --unreadable`
//   npm run bench -- store 100000    the same of more sessions
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { fail, need, withPackagedNode } from "../setup.mjs";

await withPackagedNode();

try {
  await need("npm", "tests", "bench", "wasm", "chromium", "build:js", "build:worker", "build:www");
  const wanted = process.argv[2] ?? "";
  const benches = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".bench.mjs") && name.startsWith(wanted)).sort();
  if (benches.length === 0) throw new Error(`There is no benchmark "${wanted}".`);
  let failed = 0;
  for (const bench of benches) {
    console.log(`\n== ${bench.replace(".bench.mjs", "")}`);
    const { status } = spawnSync(process.execPath, [join(import.meta.dirname, bench), ...process.argv.slice(3)], { stdio: "inherit" });
    if (status !== 0) failed++;
  }
  if (failed) process.exit(1);
} catch (error) {
  fail(error);
}
