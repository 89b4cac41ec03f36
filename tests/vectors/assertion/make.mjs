// Writes verify.json: signed assertions, valid and invalid. The private keys are not kept. Run it again only to add rows:
//   node tests/vectors/assertion/make.mjs
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const now = 1_780_000_000;
const [issuer, audience] = ["https://app.example.org", "app.example.org"];

const pair = (kid) => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { kid, privateKey, jwk: { ...publicKey.export({ format: "jwk" }), kid, use: "sig", alg: "ES256" } };
};
const [current, previous, next, stranger] = ["2026-2", "2026-1", "2026-3", "2026-2"].map(pair);
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" });

const encode = (bytes) => Buffer.from(bytes).toString("base64url");
const text = (value) => (typeof value === "string" || Buffer.isBuffer(value) ? value : JSON.stringify(value));
const good = { iss: issuer, aud: audience, sub: "ann", sid: "k3v9", iat: now - 10, exp: now + 290, auth_time: now - 600, acr: "login", amr: ["cas"] };

/** An assertion of `claims` (an object, or text as it is) under `header`, by `key` unless `signature` says another. */
function token(claims = good, header = {}, { key = current, signature, input } = {}) {
  const head = typeof header === "string" ? header : text({ alg: "ES256", typ: "JWT", kid: key.kid, ...header });
  const signed = input ?? `${encode(head)}.${encode(text(claims))}`;
  const bytes = signature ? signature(signed) : sign("sha256", Buffer.from(signed), { key: key.privateKey, dsaEncoding: "ieee-p1363" });
  return `${signed}.${encode(bytes)}`;
}
const as = (change) => ({ ...good, ...change });
const without = (name) => Object.fromEntries(Object.entries(good).filter(([known]) => known !== name));
const json = JSON.stringify;
const raw = (more) => `${json(good).slice(0, -1)},${more}}`;
const body = encode(json(good));
const die = (signed, how) => sign("sha256", Buffer.from(signed), { key: current.privateKey, ...how });

const H = "X-Portcullis-Assertion";
const one = (value, ...more) => [[H, value], ...more];
const takes = (name, value, user = "ann", more = {}) => ({ name, headers: one(value), expect: { user, kept: [] }, ...more });
const refuses = (name, value, code, why, more = {}) => ({ name, headers: one(value), refuse: `ASSERTION_${code}`, why, ...more });

/** A last letter that decodes to the same bytes: its unused bits are set. */
const loose = (part) => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return part.slice(0, -1) + alphabet[alphabet.indexOf(part.at(-1)) + 1];
};
const stable = token();
const [head, , tail] = stable.split(".");

const rows = [
  takes("as the gate sends it", stable),
  takes("the previous key, still published", token(good, {}, { key: previous })),
  takes("a name that is not ASCII", token(as({ sub: "zoë.müller" })), "zoë.müller"),
  takes("a name with an at sign and a plus", token(as({ sub: "ann+x@example.org" })), "ann+x@example.org"),
  takes("escapes in JSON", token(raw(String.raw`"x":"\u0041\/\n\"\\","y":"\ud83d\ude00"`))),
  takes("white space in JSON", token(` ${json(good, null, 2)}\n`)),
  takes("claims that are new, with a list, a word and null", token(as({ groups: ["a", "b"], device: true, none: null }))),
  takes("expired a moment ago, within the leeway", token(as({ iat: now - 300, exp: now - 59 }))),
  takes("made in a minute, within the leeway", token(as({ iat: now + 60, exp: now + 360 }))),

  { name: "no assertion", headers: [], refuse: "ASSERTION_MISSING", why: "the app is reached past the gate" },
  { name: "a forged name and no assertion", headers: [["Remote-User", "dean"]], refuse: "ASSERTION_MISSING", why: "the app is reached past the gate" },
  { name: "no assertion where none is required", required: false, headers: [["Remote-User", "dean"], ["Remote-Groups", "staff"]], expect: { user: null, kept: [] } },
  { name: "a bad assertion where none is required", required: false, headers: one("x"), refuse: "ASSERTION_MALFORMED", why: "whoever sends one must have it right" },
  { name: "an empty header", headers: one(""), refuse: "ASSERTION_MISSING", why: "nothing is no assertion" },
  { name: "the header twice, the same", headers: [...one(stable), ...one(stable)], refuse: "ASSERTION_MALFORMED", why: "an app could read either" },
  { name: "the header twice, a bad one first", headers: [...one("x"), ...one(stable)], refuse: "ASSERTION_MALFORMED", why: "an app could read either" },
  { name: "names beside it that agree", headers: one(stable, ["Remote-User", "ann"], ["Remote-Email", "ann@example.org"]), expect: { user: "ann", kept: ["remote-email", "remote-user"] } },
  { name: "a name beside it that agrees, percent-encoded", headers: one(token(as({ sub: "zoë+" })), ["Remote-User", "zo%C3%AB+"]), expect: { user: "zoë+", kept: ["remote-user"] } },
  { name: "another name beside it", headers: one(stable, ["Remote-User", "dean"], ["Remote-Groups", "staff"]), expect: { user: "ann", kept: [] } },
  { name: "groups beside it without a name", headers: one(stable, ["Remote-Groups", "staff"]), expect: { user: "ann", kept: [] } },

  refuses("two parts", stable.split(".").slice(0, 2).join("."), "MALFORMED", "no compact JWS"),
  refuses("four parts", `${stable}.x`, "MALFORMED", "no compact JWS"),
  refuses("five parts, encrypted", `${head}..${body}.${body}.${tail}`, "MALFORMED", "an encrypted token is not ours"),
  refuses("a word", "x", "MALFORMED", "no compact JWS"),
  refuses("a bearer's scheme before it", `Bearer ${stable}`, "MALFORMED", "the header has the token alone"),
  refuses("padding", `${head}.${body}.${tail}==`, "MALFORMED", "RFC 7515 has none"),
  refuses("the other alphabet of base64", token(good, {}, { signature: () => Buffer.alloc(64, 0xff) }).replace(/[^.]+$/, (end) => end.replaceAll("_", "/")), "MALFORMED", "base64url alone"),
  refuses("unused bits that are set", `${head}.${body}.${loose(tail)}`, "MALFORMED", "another text for the same bytes"),
  refuses("a part of one letter too many", `${head}.${body}A${"A".repeat((4 - (body.length % 4)) % 4)}.${tail}`, "MALFORMED", "no whole number of bytes"),
  refuses("more than 8192 letters", token(as({ x: "x".repeat(7000) })), "MALFORMED", "bounded before anything is read"),
  refuses("a header that is no JSON", token(good, "{"), "MALFORMED", "no JSON"),
  refuses("a header that is a list", token(good, "[]"), "MALFORMED", "no object"),
  refuses("a header of a thousand brackets", token(good, `{"alg":${"[".repeat(1000)}${"]".repeat(1000)}}`), "MALFORMED", "depth is a program's stack"),
  refuses("a doubled algorithm", token(good, `{"alg":"none","alg":"ES256","typ":"JWT","kid":"${current.kid}"}`), "MALFORMED", "readers disagree on which one counts"),
  refuses("a key inside the header", token(good, json({ alg: "ES256", typ: "JWT", kid: current.kid, jwk: stranger.jwk }), { key: stranger }), "MALFORMED", "keys come from the gate alone"),

  refuses("alg none", `${encode(json({ alg: "none", typ: "JWT", kid: current.kid }))}.${body}.`, "ALGORITHM", "unsigned"),
  refuses("alg None with a signature", token(good, { alg: "None" }), "ALGORITHM", "one algorithm, byte for byte"),
  refuses("alg HS256 with the public key as secret", token(good, { alg: "HS256" }, { signature: (signed) => createHmac("sha256", json(current.jwk)).update(signed).digest() }), "ALGORITHM", "a public key is no secret"),
  refuses("alg RS256", token(good, { alg: "RS256" }, { signature: (signed) => sign("sha256", Buffer.from(signed), rsa.privateKey) }), "ALGORITHM", "one algorithm"),
  refuses("alg ES384", token(good, { alg: "ES384" }, { signature: (signed) => sign("sha384", Buffer.from(signed), { key: p384.privateKey, dsaEncoding: "ieee-p1363" }) }), "ALGORITHM", "one algorithm"),
  refuses("no alg", token(good, json({ typ: "JWT", kid: current.kid })), "ALGORITHM", "one algorithm, said"),
  refuses("alg as a list", token(good, { alg: ["ES256"] }), "ALGORITHM", "a text alone"),
  refuses("wrong typ", token(good, { typ: "at+jwt" }), "ALGORITHM", "another kind of token, perhaps under the same key"),
  refuses("no typ", token(good, json({ alg: "ES256", kid: current.kid })), "ALGORITHM", "the gate says it"),
  refuses("a critical extension", token(good, { crit: ["b64"], b64: false }), "ALGORITHM", "what is not understood must be refused (RFC 7515 section 4.1.11)"),

  refuses("no kid", token(good, json({ alg: "ES256", typ: "JWT" })), "KEY", "the gate says it"),
  refuses("an unknown kid", token(good, { kid: "2020-1" }), "KEY", "no published key"),
  refuses("a kid that is a number", token(good, { kid: 2026 }), "KEY", "a text alone"),
  refuses("a kid that is a path", token(good, { kid: "../../dev/null" }), "KEY", "no published key"),
  refuses("another key under a known kid", token(good, {}, { key: stranger }), "SIGNATURE", "not the gate's key"),
  refuses("a previous key under the current kid", token(good, { kid: current.kid }, { key: previous }), "SIGNATURE", "kid says which key"),
  refuses("a claim that was changed", `${head}.${encode(json(as({ sub: "dean" })))}.${tail}`, "SIGNATURE", "the signature covers the claims"),
  refuses("a header that was changed", `${encode(json({ alg: "ES256", typ: "JWT", kid: current.kid, x: "" }))}.${body}.${tail}`, "SIGNATURE", "the signature covers the header"),
  refuses("no signature", `${head}.${body}.`, "SIGNATURE", "unsigned"),
  refuses("a signature in DER", token(good, {}, { signature: (signed) => die(signed, { dsaEncoding: "der" }) }), "SIGNATURE", "r and s are 64 bytes (RFC 7518 section 3.4)"),
  refuses("a signature of zeros", token(good, {}, { signature: () => Buffer.alloc(64) }), "SIGNATURE", "some libraries took it for anything"),
  refuses("r and the order of the curve", token(good, {}, { signature: () => Buffer.from("00".repeat(31) + "01" + "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", "hex") }), "SIGNATURE", "s is below the order"),
  refuses("a signature with a byte more", token(good, {}, { signature: (signed) => Buffer.concat([die(signed, { dsaEncoding: "ieee-p1363" }), Buffer.alloc(1)]) }), "SIGNATURE", "64 bytes"),
  refuses("a signature over SHA-384", token(good, {}, { signature: (signed) => sign("sha384", Buffer.from(signed), { key: current.privateKey, dsaEncoding: "ieee-p1363" }) }), "SIGNATURE", "SHA-256"),

  refuses("claims that are no JSON", token("ann"), "MALFORMED", "no JSON"),
  refuses("claims that are a list", token([good]), "MALFORMED", "no object"),
  refuses("claims that are not UTF-8", token(Buffer.concat([Buffer.from(raw('"x":"').slice(0, -1)), Buffer.from([0xff]), Buffer.from('"}')])), "MALFORMED", "no text"),
  refuses("half of a surrogate pair", token(raw(String.raw`"x":"\ud83d"`)), "MALFORMED", "no text"),
  refuses("a byte order mark", token(`\ufeff${json(good)}`), "MALFORMED", "RFC 8259 section 8.1"),
  refuses("a comma too many", token(`${json(good).slice(0, -1)},}`), "MALFORMED", "no JSON"),
  refuses("something behind the object", token(`${json(good)}{}`), "MALFORMED", "no JSON"),
  refuses("a line break in a string", token(raw('"x":"a\nb"')), "MALFORMED", "no JSON"),
  refuses("doubled sub", token(raw('"sub":"dean"')), "MALFORMED", "readers disagree on which one counts"),
  refuses("doubled exp", token(raw(`"exp":${now + 900_000}`)), "MALFORMED", "readers disagree on which one counts"),
  refuses("doubled sub, once escaped", token(raw(String.raw`"\u0073ub":"dean"`)), "MALFORMED", "the same name in another spelling"),
  refuses("a claim that is an object", token(as({ sub: { name: "ann" } })), "MALFORMED", "claims of the gate are flat"),
  refuses("a list with a list in it", token(as({ amr: [["cas"]] })), "MALFORMED", "claims of the gate are flat"),
  refuses("a number that is not whole", token(as({ exp: now + 290.5 })), "MALFORMED", "seconds are whole"),
  refuses("a number with an exponent", token(raw('"x":1e3')), "MALFORMED", "seconds are whole"),
  refuses("a number of twenty digits", token(raw('"x":12345678901234567890')), "MALFORMED", "readers round it differently"),
  refuses("not a number", token(raw('"x":NaN')), "MALFORMED", "no JSON, though some readers take it"),

  refuses("another issuer", token(as({ iss: "https://other.example.org" })), "ISSUER", "another gate under the same key"),
  refuses("the issuer with a slash", token(as({ iss: `${issuer}/` })), "ISSUER", "compared byte for byte"),
  refuses("no issuer", token(without("iss")), "ISSUER", "the gate says it"),
  refuses("another app's audience", token(as({ aud: "mail" })), "AUDIENCE", "another app's assertion, replayed here", { id: "H18" }),
  refuses("a list of audiences with ours", token(as({ aud: ["mail", audience] })), "AUDIENCE", "an assertion is for one app"),
  refuses("the audience in capitals", token(as({ aud: audience.toUpperCase() })), "AUDIENCE", "compared byte for byte"),
  refuses("no audience", token(without("aud")), "AUDIENCE", "the gate says it"),
  refuses("expired", token(as({ iat: now - 400, exp: now - 60 })), "TIME", "over, beyond the leeway"),
  refuses("from the future", token(as({ iat: now + 61, exp: now + 361 })), "TIME", "beyond the leeway"),
  refuses("no exp", token(without("exp")), "TIME", "it would hold for ever"),
  refuses("no iat", token(without("iat")), "TIME", "the gate says it"),
  refuses("exp as text", token(as({ exp: String(now + 290) })), "TIME", "a number alone"),
  refuses("exp true", token(as({ exp: true })), "TIME", "a number alone"),
  refuses("milliseconds", token(as({ iat: now * 1000, exp: now * 1000 + 290_000 })), "TIME", "seconds"),
  refuses("no sub", token(without("sub")), "SUBJECT", "nobody"),
  refuses("an empty sub", token(as({ sub: "" })), "SUBJECT", "nobody"),
  refuses("sub is a number", token(as({ sub: 0 })), "SUBJECT", "a text alone"),
  refuses("sub is a list", token(as({ sub: ["ann"] })), "SUBJECT", "a text alone"),
  refuses("a line break in sub", token(as({ sub: "ann\nX: 1" })), "SUBJECT", "it goes into logs and headers"),
];

const step = (after, keys, key, code) => ({
  after,
  keys,
  headers: one(token(as({ iat: now + after, exp: now + after + 300 }), {}, { key })),
  ...(code ? { refuse: `ASSERTION_${code}` } : { expect: { user: "ann", kept: [] } }),
});
const sequences = [
  { name: "keys are asked for once", fetches: 1, steps: [step(0, "current", current), step(1, "current", previous), step(299, "current", current)] },
  { name: "a new key is found within a minute", fetches: 2, steps: [step(0, "current", current), step(59, "rotated", next, "KEY"), step(60, "rotated", next)] },
  { name: "made-up key ids cost one request a minute", fetches: 2, steps: [step(0, "current", { ...next, kid: "a" }, "KEY"), step(1, "current", { ...next, kid: "b" }, "KEY"), step(61, "current", { ...next, kid: "c" }, "KEY"), step(62, "current", { ...next, kid: "d" }, "KEY")] },
  { name: "a withdrawn key is refused after five minutes", fetches: 2, steps: [step(0, "current", previous), step(299, "rotated", previous), step(300, "rotated", previous, "KEY")] },
  { name: "the gate cannot be asked at first", fetches: 2, steps: [step(0, null, current, "KEY"), step(30, "current", current, "KEY"), step(60, "current", current)] },
  { name: "keys outlive an outage by an hour and no more", fetches: 3, steps: [step(0, "current", current), step(400, null, current), step(3599, null, current), step(3600, null, current, "KEY")] },
  { name: "what is no set of keys changes nothing", fetches: 3, steps: [step(0, "current", current), step(300, "page", current), step(360, "doubled", current)] },
];

const sets = {
  current: json({ keys: [current.jwk, previous.jwk] }),
  rotated: json({ keys: [next.jwk, current.jwk, { ...rsa.publicKey.export({ format: "jwk" }), kid: "rsa" }] }),
  doubled: json({ keys: [stranger.jwk, current.jwk] }),
  page: "<!doctype html><title>Sign in</title>",
};
const lines = [...rows, ...sequences].map((row) => `  ${json(row)}`);
const file = `{"issuer": ${json(issuer)}, "audience": ${json(audience)}, "now": ${now},\n"sets": {\n${Object.entries(sets).map(([name, set]) => `  ${json(name)}: ${json(set)}`).join(",\n")}},\n"rows": [\n${lines.join(",\n")}\n]}\n`;
writeFileSync(join(import.meta.dirname, "verify.json"), file);
console.log(`${rows.length + sequences.length} rows`);
