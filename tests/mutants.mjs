// `npm run interop -- mutants [CRATE]`: cargo-mutants changes the native crates, one place at a time, and a test must fail.
// Without a crate it takes the files that differ from the main branch, or those of the last commit when none differ.
// PORTCULLIS_SHARD=0/5 takes one mutant in five.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { Trouble, mutantsPath, root } from "./setup.mjs";

const NATIVE = ["base", "otp", "backup", "cas", "gate", "qr", "vault"];

const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).split("\n").filter(Boolean);

function changed() {
  const base = git("merge-base", "HEAD", git("branch", "--list", "main").length ? "main" : "origin/HEAD")[0];
  const since = git("diff", "--name-only", base);
  return since.length ? since : git("diff", "--name-only", "HEAD~1");
}

/** The one command of this suite; an empty list when no native file changed. */
export function mutants(crate) {
  if (crate && !NATIVE.includes(crate)) throw new Trouble(`"${crate}" is not a native crate.`, `Use one of: ${NATIVE.join(", ")}`);
  const native = new RegExp(`^crates/(${NATIVE.join("|")})/src/.*\\.rs$`);
  const files = crate ? [`crates/${crate}/src/**/*.rs`] : changed().filter((file) => native.test(file) && existsSync(join(root, file)));
  if (files.length === 0) return [];
  // cargo-mutants works in a copy of the repository in another folder, where a relative path to the fixtures would be wrong.
  process.env.PORTCULLIS_FIXTURES ??= join(root, "..", "shared", "fixtures");
  const shard = process.env.PORTCULLIS_SHARD ? ["--shard", process.env.PORTCULLIS_SHARD] : [];
  const only = files.flatMap((file) => ["--file", file]);
  return [[mutantsPath, ["mutants", "--no-shuffle", "--output", "target", "--minimum-test-timeout", "60", ...shard, ...only]]];
}
