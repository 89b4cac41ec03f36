// `npm test`: runs the suites in order, the fastest first, and stops after the first that fails.
//   npm test                      everything
//   npm test -- worker            one suite
//   npm test -- s11               one row or test by name, in every suite
//   npm test -- --headed e2e scan one suite, one test, with a visible browser
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";

import { Trouble, ended, fail, need, root, withPackagedNode } from "./setup.mjs";

/** The files in a folder whose names end in `ending`; with `deep`, those in its subfolders too. */
export const files = (folder, ending, deep = false) =>
  readdirSync(join(root, folder), { recursive: deep })
    .filter((name) => name.endsWith(ending) && !name.includes("node_modules"))
    .map((name) => join(folder, name))
    .sort();

const tsc = join(root, "node_modules", ".bin", "tsc");
const wasmTest = ["test", "--target", "wasm32-unknown-unknown", "-p", "js", "--features", "otp,migration,qr,qr-draw,cas,vault"];

/**
 * A suite: what it needs, and the commands that it runs. `filter` chooses tests by name; a suite may then have nothing to run.
 * A suite with `byHand` runs only when it is named. In CI, tests of Node that failed are run once more; the closing lines name them.
 */
export const suites = {
  check: {
    needs: ["npm", "rust", "wasm", "driver", "build:js"],
    commands: (filter) => (filter ? [] : [["cargo", ["xtask", "check"]]]),
  },
  native: {
    needs: ["rust"],
    commands: (filter) => [["cargo", ["test", "--quiet", ...(filter ? ["--", filter] : [])]]],
  },
  wasm: {
    needs: ["npm", "wasm", "chromium"],
    commands: (filter) => [["cargo", [...wasmTest, ...(filter ? ["--", filter] : [])]]],
  },
  package: {
    needs: ["npm", "tests", "wasm", "chromium", "build:js", "build:www"],
    commands: (filter) => [
      nodeTest([...files("tests/package", ".test.mjs"), ...files("www/src", ".test.ts", true)], filter, 2),
      ...(filter ? [] : [[tsc, ["-p", "www"]], [tsc, ["-p", "www/tsconfig.workers.json"]]]),
    ],
  },
  worker: {
    needs: ["npm", "tests", "wasm", "build:worker"],
    commands: (filter) => [nodeTest(files("tests/worker", ".test.mjs"), filter, 2)],
  },
  e2e: {
    needs: ["npm", "tests", "wasm", "chromium", "build:js", "build:worker", "build:www"],
    commands: (filter) => [nodeTest(files("tests/e2e", ".test.mjs"), filter, 2)],
  },
  size: {
    needs: ["driver"],
    commands: (filter) => (filter ? [] : [["cargo", ["xtask", "size"]]]),
  },
};

export function nodeTest(list, filter, atOnce) {
  const pattern = filter ? [`--test-name-pattern=/${filter.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&")}/i`] : [];
  return [process.execPath, ["--test", `--test-concurrency=${atOnce}`, "--test-timeout=300000", "--test-reporter=spec", ...pattern, ...list]];
}

const COUNTS = {
  passed: [/^test result: .*? (\d+) passed/gm, /^ℹ pass (\d+)/gm],
  failed: [/^test result: .*?; (\d+) failed/gm, /^ℹ fail (\d+)/gm, /^ℹ cancelled (\d+)/gm],
  skipped: [/^test result: .*?; (\d+) ignored/gm, /^ℹ skipped (\d+)/gm],
};
const NAMES_OF_FAILED = [/^ *✖ (.+) \(\d[\d.]*ms\)$/gm, /^---- (.+) stdout ----$/gm];
const count = (text, patterns) => patterns.reduce((sum, pattern) => sum + [...text.matchAll(pattern)].reduce((n, found) => n + Number(found[1]), 0), 0);

const MOST_RUN_AGAIN = 3; // More than that is no accident of a busy machine.

/** The command that runs only the tests which failed in the output `text` of a run of Node's tests; none for other commands, or after too many failures. */
export function failedAgain([command, args], text) {
  if (!args.includes("--test")) return undefined;
  const failed = [...text.matchAll(/^test at (.+?):\d+:\d+\n✖ (.+) \(\d[\d.]*ms\)$/gm)].map(([, file, name]) => ({ file, name }));
  if (failed.length === 0 || failed.length > MOST_RUN_AGAIN) return undefined;
  const whole = (name) => `--test-name-pattern=/(^| )${name.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&")}$/`;
  const options = args.filter((arg) => arg.startsWith("--") && !arg.startsWith("--test-name-pattern"));
  return [command, [...options, ...failed.map(({ name }) => whole(name)), ...new Set(failed.map(({ file }) => file))], failed.map(({ name }) => name)];
}

async function show(command, args, env) {
  const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  const { code, hung } = await ended(child, (chunk, stream) => {
    text += chunk;
    process[stream].write(chunk);
  });
  if (hung) console.error(`\nportcullis: ${hung}`);
  return { code, text: stripVTControlCharacters(text) };
}

/** Runs suites in order and prints their counts; stops after the first that fails. Returns whether all passed. */
export async function runSuites(list, names, filter, env = {}) {
  const rows = [];
  const failedTests = new Set();
  const passedAgain = [];
  let green = true;
  for (const name of names) {
    const suite = list[name];
    const commands = suite.commands(filter);
    if (commands.length === 0) continue; // `need` would build things that nothing here uses.
    const began = Date.now();
    let [passed, failed, skipped] = [0, 0, 0];
    console.log(`\n── ${name} ──`);
    await need(...suite.needs);
    for (const [command, args] of commands) {
      let { code, text } = await show(command, args, env);
      // Node counts a file in which the filter chose no test as one passed test.
      const empty = args.filter((file) => text.includes(`✔ ${file} (`)).length;
      let [ok, bad] = [count(text, COUNTS.passed) - empty, count(text, COUNTS.failed)];
      const again = code !== 0 && process.env.CI ? failedAgain([command, args], text) : undefined;
      if (again) {
        console.log(`\n── ${name}: once more what failed ──`);
        const second = await show(again[0], again[1], env);
        if (second.code === 0 && count(second.text, COUNTS.passed) >= again[2].length) {
          passedAgain.push(...again[2]);
          [ok, bad, code] = [ok + again[2].length, 0, 0];
        }
      }
      passed += ok + (code === 0 && ok === 0 && !filter ? 1 : 0); // a command without a count of its own is one check
      failed += bad + (code !== 0 && bad === 0 ? 1 : 0);
      skipped += count(text, COUNTS.skipped);
      if (code !== 0) for (const pattern of NAMES_OF_FAILED) for (const [, failedOne] of text.matchAll(pattern)) failedTests.add(failedOne);
    }
    rows.push({ suite: name, passed, failed, skipped, seconds: Math.round((Date.now() - began) / 1000) });
    green = failed === 0;
    if (!green) break;
  }
  const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
  console.log("\nsuite         passed  failed skipped   time");
  for (const { suite, passed, failed, skipped, seconds } of rows) {
    console.log(suite.padEnd(12) + [passed, failed, skipped].map((n) => String(n).padStart(8)).join("") + `${seconds} s`.padStart(7));
  }
  if (passedAgain.length) console.log(`\nFailed once, and passed when run again alone:${passedAgain.map((name) => `\n  ${name}`).join("")}`);
  if (!green) {
    console.log(`\nFailed:${[...failedTests].map((name) => `\n  ${name}`).join("") || " see above"}`);
    const left = names.slice(names.indexOf(rows.at(-1).suite) + 1);
    console.log(`Stopped after the first failed suite${left.length ? `; not run: ${left.join(", ")}` : ""}. That suite alone: ${list === suites ? "npm test" : "npm run interop"} -- ${rows.at(-1).suite}`);
  }
  if (rows.length === 0 && !filter) console.log("Nothing to run: no file has changed.");
  else if (sum("passed") + sum("failed") === 0) throw new Trouble(`no test is named like "${filter}".`, "Try a row's id (s11), a suite, or a part of a test's name.");
  console.log(`\n${sum("passed")} passed, ${sum("failed")} failed, in ${Math.max(1, Math.round(sum("seconds") / 60))} min`);
  return green;
}

/** Parses `[--headed] [SUITE] [NAME]`. */
export function choose(list, args) {
  const words = args.filter((word) => !word.startsWith("--"));
  const unknown = args.filter((word) => word.startsWith("--") && word !== "--headed");
  if (unknown.length || words.length > 2) throw new Trouble(`cannot read the arguments "${args.join(" ")}".`, "Use: [--headed] [SUITE] [NAME]");
  const names = Object.hasOwn(list, words[0] ?? "") ? [words.shift()] : Object.keys(list).filter((name) => !list[name].byHand);
  if (words.length > 1) throw new Trouble(`there is no suite "${words[0]}".`, `Suites: ${Object.keys(list).join(", ")}`);
  return { names, filter: words[0], env: args.includes("--headed") ? { HEADED: "1" } : {} };
}

if (import.meta.main ?? process.argv[1] === join(root, "tests", "test.mjs")) {
  try {
    await withPackagedNode();
    await need("npm"); // installs the newer Node that the suites start
    const { names, filter, env } = choose(suites, process.argv.slice(2));
    process.exitCode = (await runSuites(suites, names, filter, env)) ? 0 : 1;
  } catch (error) {
    fail(error);
  }
}
