// `npm run keys -- --origin ORIGIN`: prints the value that the app at this origin compares with `X-Portcullis-Origin`.
import { createHmac } from "node:crypto";
import { parseArgs } from "node:util";

const USAGE = `Use: npm run keys -- --origin ORIGIN

  --origin ORIGIN  as the policy names it: https://host, binding:NAME or zone

PORTCULLIS_ORIGIN_SECRET is read from the environment. Give the value to that app only.`;

function fail(what) {
  console.error(`portcullis: ${what}\n${USAGE}`);
  process.exit(2);
}

/** Each part after its length in eight bytes, so that two different lists of parts never give the same bytes. */
export const glue = (...parts) => Buffer.concat(parts.flatMap((part) => {
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(Buffer.byteLength(part)));
  return [length, Buffer.from(part)];
}));

/** What the gate sends to the app of an origin: see `OriginKey` in crates/gate/src/keys/seal.rs. */
export const originValue = (secret, origin) => createHmac("sha256", secret).update(glue("portcullis/origin/v1", origin)).digest("base64url");

if (import.meta.main ?? process.argv[1].endsWith("keys.mjs")) {
  let origin;
  try {
    ({ origin } = parseArgs({ options: { origin: { type: "string" } } }).values);
  } catch (error) {
    fail(error.message.split(". ")[0]);
  }
  const secret = process.env.PORTCULLIS_ORIGIN_SECRET ?? "";
  if (!origin) fail("--origin is missing: which app needs the value?");
  if (!/^[\x21-\x7e]{32,}$/.test(secret)) fail("PORTCULLIS_ORIGIN_SECRET must have at least 32 printable characters without spaces.");
  if (!/^(zone|binding:[A-Z0-9_]+|https?:\/\/[^/?#]+)$/.test(origin)) fail(`--origin must be https://host, binding:NAME or zone, not "${origin}".`);
  console.log(originValue(secret, origin));
}
