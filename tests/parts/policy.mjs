// Policies as people write them, in the form in which the Worker reads them: by the command that people check them with.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
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
  const json = ran.stdout.trimEnd();
  if (!fits(JSON.parse(json))) throw new Error(`editors mark this policy, and the gate takes it: ${json}`);
  return json;
}

const schema = JSON.parse(readFileSync(join(root, "worker", "policy.schema.json"), "utf8"));
const isTable = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const is = { object: isTable, array: Array.isArray, string: (value) => typeof value === "string", boolean: (value) => typeof value === "boolean", integer: Number.isSafeInteger };

/** Whether a value fits the schema of the policy, as editors check it. An unknown word of the schema is an error. */
function fits(value, part = schema) {
  const entries = Object.entries(isTable(value) ? value : {});
  const words = {
    type: (name) => is[name](value),
    enum: (list) => list.includes(value),
    minimum: (least) => value >= least,
    required: (keys) => keys.every((key) => entries.some(([known]) => known === key)),
    items: (inner) => !Array.isArray(value) || value.every((item) => fits(item, inner)),
    properties: (inner) => entries.every(([key, one]) => !Object.hasOwn(inner, key) || fits(one, inner[key])),
    additionalProperties: (inner) => entries.every(([key, one]) => Object.hasOwn(part.properties ?? {}, key) || (inner && fits(one, inner))),
    anyOf: (list) => list.some((one) => fits(value, one)),
    allOf: (list) => list.every((one) => fits(value, one)),
    $ref: (path) => fits(value, schema.definitions[path.split("/").at(-1)]),
    $schema: () => true,
    title: () => true,
    description: () => true,
    definitions: () => true,
  };
  return Object.entries(part).every(([word, wants]) => words[word](wants));
}
