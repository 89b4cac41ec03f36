// Policies as people write them, in the form in which the Worker reads them: by the command that people check them with.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { Trouble, need, root } from "../setup.mjs";

let built;

/**
 * The canonical JSON of a policy's file or text. A text in JSON is taken as it is, so that a test can bring the Worker a wrong one.
 *
 * @param {string} policy
 */
export async function canonical(policy) {
  const isFile = policy !== "" && existsSync(policy);
  if (!isFile && /^\s*(\{|$)/.test(policy)) return policy;
  await (built ??= need("policy"));
  const command = join(root, "target", "debug", "examples", "check_policy");
  const ran = spawnSync(command, [isFile ? policy : "-", "--json"], { input: isFile ? "" : policy, encoding: "utf8" });
  if (ran.status !== 0) throw new Trouble("the policy has problems.", ran.stderr?.trim() || String(ran.error));
  return ran.stdout.trimEnd();
}
