// `npm run audit-id -- USER MONTH [CAS_URL]`: prints the id that a person has in the gate's log in a month.
import { createHmac } from "node:crypto";

import { glue } from "./keys.mjs";

const USAGE = `Use: npm run audit-id -- USER MONTH [CAS_URL]

  USER     as the CAS server names the person
  MONTH    2026-11
  CAS_URL  the cas_url of the site in the policy, where it has one

PORTCULLIS_ID_KEY is read from the environment.`;

function fail(what) {
  console.error(`portcullis: ${what}\n${USAGE}`);
  process.exit(2);
}

const [user, month, cas, ...more] = process.argv.slice(2);
const key = Buffer.from(process.env.PORTCULLIS_ID_KEY ?? "", "base64url"); // reads base64 too
if (!user || more.length) fail("which person, and which month?");
if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month ?? "")) fail(`the month is written 2026-11, not "${month ?? ""}".`);
if (key.length < 32) fail("PORTCULLIS_ID_KEY must hold at least 32 bytes in base64.");
// As `IdKey::audit` in crates/gate/src/keys/seal.rs.
console.log(createHmac("sha256", key).update(glue("portcullis/audit/v1", month, user.normalize("NFC"), ...(cas ? [cas] : []))).digest().subarray(0, 12).toString("base64url"));
