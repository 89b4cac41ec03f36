// `npm run keys`: makes the gate's secrets and rotates them, into files; and prints the value that an app compares.
import { createHmac, generateKeyPairSync, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

const USAGE = `Use: npm run keys -- --first FILE
     npm run keys -- rotate cookies|signing FILE NEW --gate URL
     npm run keys -- --origin ORIGIN

  --first FILE     writes the secrets of a new gate
  rotate …         writes NEW: the secrets of FILE with a new key for cookies, or a new signing key that signs a day from now
  --gate URL       the address of the gate, whose health page says which ID key it has
  --origin ORIGIN  prints what the app at this origin compares with X-Portcullis-Origin: https://host, binding:NAME or zone.
                   PORTCULLIS_ORIGIN_SECRET is read from the environment. Give the value to that app only.

A file is written for this user alone, and no file is written over.`;

const HOUR_SECS = 3600;
/** A new signing key waits so long that every app has read it from jwks.json, and every instance has been replaced. */
const WAIT_SECS = 24 * HOUR_SECS;
/** An old one is published so long after its successor has begun: longer than any assertion and any app's cache of the keys. */
const AFTER_SECS = HOUR_SECS;

class Refused extends Error {}

/** Each part after its length in eight bytes, so that two different lists of parts never give the same bytes. */
export const glue = (...parts) => Buffer.concat(parts.flatMap((part) => {
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(Buffer.byteLength(part)));
  return [length, Buffer.from(part)];
}));

/** What the gate sends to the app of an origin: see `OriginKey` in crates/gate/src/keys/seal.rs. */
export const originValue = (secret, origin) => createHmac("sha256", secret).update(glue("portcullis/origin/v1", origin)).digest("base64url");

/** By which an ID key is told from another: see `IdKey::fingerprint` in crates/gate/src/keys/seal.rs. */
export const fingerprint = (idKey) => createHmac("sha256", Buffer.from(idKey, "base64url")).update(glue("portcullis/id-key/v1")).digest().subarray(0, 12).toString("base64url");

const newKey = () => randomBytes(32).toString("base64url");
const newSigningKey = (from) => ({ ...generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" }), kid: randomBytes(6).toString("hex"), from });

/** The secrets of a new gate. */
export const firstKeys = (nowSecs) => ({
  PORTCULLIS_KEYS: newKey(),
  PORTCULLIS_ID_KEY: newKey(),
  PORTCULLIS_SIGNING_KEYS: JSON.stringify([newSigningKey(nowSecs)]),
  PORTCULLIS_ORIGIN_SECRET: newKey(),
});

/** The list with a key that signs from tomorrow on, and without those that nobody needs any more. */
export function rotateSigning(text, nowSecs) {
  let keys = JSON.parse(text);
  if (!Array.isArray(keys) || !keys.length) throw new Refused("PORTCULLIS_SIGNING_KEYS of the file is no list of keys.");
  // Without dates, the place says which key signs: `current`, `current, previous`, or `next, current, previous`.
  if (keys.every((key) => key.from === undefined)) keys = keys.slice(keys.length === 3 ? 1 : 0).map((key, at, all) => ({ ...key, from: all.length - 1 - at }));
  keys = keys.map((key) => ({ ...key, from: key.from ?? 0 })).sort((one, other) => other.from - one.from);
  const waiting = keys.find((key) => key.from > nowSecs);
  if (waiting && keys.length > 1) throw new Refused(`a rotation is under way: its key signs from ${new Date(waiting.from * 1000).toISOString()} on.`);
  keys = keys.filter((_, at) => at === 0 || keys[at - 1].from + AFTER_SECS > nowSecs);
  if (keys.length > 2) throw new Refused("the last rotation has just ended: two earlier keys are still needed. Wait an hour.");
  const [current, ...previous] = keys;
  const next = newSigningKey(nowSecs + WAIT_SECS);
  // A release that reads no dates takes the first of two and the second of three.
  return JSON.stringify(previous.length ? [next, current, ...previous] : [current, next]);
}

/** The same secrets with one kind of key rotated. */
export const rotated = (kind, keys, nowSecs) =>
  kind === "cookies"
    ? { ...keys, PORTCULLIS_KEYS: [newKey(), ...keys.PORTCULLIS_KEYS.split(/[\s,]+/).filter(Boolean)].join(" ") }
    : { ...keys, PORTCULLIS_SIGNING_KEYS: rotateSigning(keys.PORTCULLIS_SIGNING_KEYS, nowSecs) };

/** Writes a new file that only this user can read. */
function write(file, keys) {
  try {
    writeFileSync(file, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    throw new Refused(error.code === "EEXIST" ? `${file} is there already, and is not written over.` : `${file} cannot be written (${error.code}).`);
  }
}

function read(file) {
  let keys;
  try {
    keys = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Refused(`${file} cannot be read as JSON (${error.code ?? "no JSON"}).`);
  }
  for (const name of ["PORTCULLIS_KEYS", "PORTCULLIS_ID_KEY", "PORTCULLIS_SIGNING_KEYS"]) {
    if (typeof keys[name] !== "string" || !keys[name]) throw new Refused(`${file} has no ${name}.`);
  }
  return keys;
}

/** The fingerprint of the ID key that a running gate has. */
async function idKeyOf(gate) {
  const answer = await fetch(new URL("/.portcullis/health", gate), { redirect: "manual" }).catch(() => undefined);
  const health = answer?.ok ? await answer.json().catch(() => undefined) : undefined;
  if (!health?.id_key) throw new Refused(`${gate} shows no health page with an ID key's fingerprint.`);
  return health.id_key;
}

async function rotate([kind, file, to, ...more], gate) {
  if (!["cookies", "signing"].includes(kind) || !file || !to || more.length) throw new Refused("rotate what, of which file, into which?");
  if (!gate) throw new Refused("--gate is missing: which gate has these secrets?");
  const keys = read(file);
  // With another ID key every session, factor and logout would be out of reach.
  if (fingerprint(keys.PORTCULLIS_ID_KEY) !== (await idKeyOf(gate))) throw new Refused(`the PORTCULLIS_ID_KEY of ${file} is not the one of ${gate}: find the file that was kept.`);
  write(to, rotated(kind, keys, Math.floor(Date.now() / 1000)));
  const then = kind === "cookies" ? "Remove the last key when absolute_secs of the policy have passed; with a second factor, keep it as rest:KEY." : "The new key signs a day from now. The next rotation removes the old one.";
  console.log(`${to} has the secrets of ${file} and a new key. ${then}`);
  console.log(`Deploy them: npx wrangler secret bulk ${to} --config worker/wrangler.toml\nThen keep ${to} offline in the place of ${file}.`);
}

function origin(given) {
  const secret = process.env.PORTCULLIS_ORIGIN_SECRET ?? "";
  if (!given) throw new Refused("--origin is missing: which app needs the value?");
  if (!/^[\x21-\x7e]{32,}$/.test(secret)) throw new Refused("PORTCULLIS_ORIGIN_SECRET must have at least 32 printable characters without spaces.");
  if (!/^(zone|binding:[A-Z0-9_]+|https?:\/\/[^/?#]+)$/.test(given)) throw new Refused(`--origin must be https://host, binding:NAME or zone, not "${given}".`);
  console.log(originValue(secret, given));
}

async function run() {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { origin: { type: "string" }, first: { type: "string" }, gate: { type: "string" } } });
  const [command, ...rest] = positionals;
  if (command === "rotate") return rotate(rest, values.gate);
  if (command) throw new Refused(`there is no command ${command}.`);
  if (!values.first) return origin(values.origin);
  write(values.first, firstKeys(Math.floor(Date.now() / 1000)));
  console.log(`${values.first} has the secrets of a new gate.
Deploy them: npx wrangler secret bulk ${values.first} --config worker/wrangler.toml
Then keep the file offline. Without its PORTCULLIS_ID_KEY, no session, factor or single logout is found again, and it never changes.`);
}

if (import.meta.main ?? process.argv[1].endsWith("keys.mjs")) {
  await run().catch((error) => {
    console.error(`portcullis: ${error instanceof Refused ? error.message : error.message.split(". ")[0]}\n${USAGE}`);
    process.exitCode = 2;
  });
}
