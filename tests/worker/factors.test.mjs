// The objects of the second factor in workerd: what must hold when many requests come at once, when the process ends in between, and
// when a record is gone. The decisions themselves are tested natively, in crates/gate/tests/factors.rs.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { passkey } from "../parts/passkey.mjs";
import { root } from "../setup.mjs";
import { POLICY, SIGN_IN, code, hotp, named, now, objects, pay, totp, wrong } from "./person.mjs";
import { logged } from "./support.mjs";

let w;
let starting;
before(async () => (w = await (starting = objects())));
after(async () => (await starting)?.[Symbol.asyncDispose]()); // where the filter chose no test, Node does not wait for `before`

/** Waits until a condition holds: errands are delivered after the answer. */
async function until(what, condition) {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    if (await condition()) return;
    await sleep(50);
  }
  assert.fail(`did not happen: ${what}`);
}

/** A step of 30 seconds that does not end in the middle of a test. */
async function earlyInStep() {
  const left = 30_000 - (Date.now() % 30_000);
  if (left < 12_000) await sleep(left);
}

const times = (count, make) => Promise.all(Array.from({ length: count }, (_, at) => make(at)));
const passed = (verdicts) => verdicts.filter((verdict) => verdict.Passed).length;

test("f01_fifty_posts_of_one_code_at_once_open_once", async () => {
  await earlyInStep();
  const ann = w.person("f01");
  const { secret } = await ann.enrolApp();
  // Five or six are compared, in an unknown browser and in a known one; one of them opens.
  let device;
  for (const steps of [0, 1]) {
    const typed = totp(secret, steps);
    const verdicts = await times(50, (at) => ann.check(ann.visit(`f01-${steps}-${at}`, { device }), SIGN_IN, code(typed)));
    const said = verdicts.map((verdict) => verdict.Refused ?? Object.keys(verdict)[0]);
    assert.equal(passed(verdicts), 1, JSON.stringify(said));
    assert.ok(said.filter((word) => word === "WrongCode").length >= 4, "others were compared with the spent code");
    ({ device } = verdicts.find((verdict) => verdict.Passed).Passed.device ? verdicts.find((verdict) => verdict.Passed).Passed : { device });
  }
});

test("f02_guesses_in_many_sessions_at_once_share_five_tries", async () => {
  const ann = w.person("f02");
  const { secret } = await ann.enrolApp();
  const verdicts = await times(60, (at) => ann.check(ann.visit(`f02-${at}`), SIGN_IN, code(wrong(secret))));
  const refused = verdicts.filter(({ Refused }) => Refused === "WrongCode").length;
  assert.equal(refused, 5);
  assert.equal(verdicts.filter(({ Wait }) => Wait?.until_secs > now()).length, 55, "the others were not compared");
  const right = await ann.check(ann.visit("f02-right"), SIGN_IN, code(totp(secret)));
  assert.ok(right.Wait, "nor is a right code, from an unknown browser");
});

test("f04_each_recovery_code_opens_once_however_many_bring_it", async () => {
  const ann = w.person("f04");
  const { codes } = await ann.enrolApp();
  assert.equal(codes.length, 10);
  for (const [at, paper] of codes.slice(0, 4).entries()) {
    const verdicts = await times(2, (n) => ann.check(ann.visit(`f04-${at}-${n}`), SIGN_IN, { Recovery: paper }));
    assert.equal(passed(verdicts), 1, `code ${at}`);
    assert.equal(verdicts.find((verdict) => verdict.Passed).Passed.codes_left, 9 - at);
  }
  const bob = w.person("f04-bob");
  await bob.enrolApp();
  const other = await bob.check(bob.visit("f04"), SIGN_IN, { Recovery: codes[9] });
  assert.equal(other.Refused, "WrongCode", "and it is another person's nowhere");
});

test("f06_a_token_with_a_counter_opens_once_a_code_and_never_goes_back", async () => {
  const ann = w.person("f06");
  const seed = Buffer.from("12345678901234567890"); // RFC 4226 appendix D
  const visit = ann.visit("f06");
  const begun = await ann.call({ Begin: [visit, { Token: { seed: seed.toString("hex"), timed: false, algorithm: "SHA1", digits: 6, period_secs: 30 } }, "fob"] });
  const { id } = begun.Show.Token;
  const confirmed = await ann.call({ Confirm: [visit, id, { Codes: [hotp(seed, 0), hotp(seed, 1)] }] });
  assert.ok(confirmed.Enrolled, JSON.stringify(confirmed));
  const verdicts = await times(4, (at) => ann.check(ann.visit(`f06-${at}`), SIGN_IN, code(hotp(seed, 2))));
  assert.equal(passed(verdicts), 1);
  // Different codes at once, in both orders: each opens at most once, and an earlier one never after a later one. The
  // device is known, and a right code refills its guesses, so that the throttle is not what refuses them.
  const { device } = verdicts.find((verdict) => verdict.Passed).Passed;
  for (const [order, first] of [[[0, 1], 3], [[1, 0], 5]]) {
    const typed = order.map((more) => hotp(seed, first + more));
    const both = await Promise.all(typed.map((one, at) => w.person("f06").check(ann.visit(`f06-${first}-${at}`, { device }), SIGN_IN, code(one))));
    const next = (await ann.record()).enrolments[0].credential.Hotp.next;
    assert.equal(next, first + 2, JSON.stringify(both));
    assert.ok(passed(both) >= 1, JSON.stringify(both));
    for (const one of typed.slice(1)) assert.equal((await ann.check(ann.visit(`f06-${first}-again`, { device }), SIGN_IN, code(one))).Passed, undefined, "it opens once");
  }
  const later = w.person("f06").check(ann.visit("f06-later", { device: verdicts.find((verdict) => verdict.Passed).Passed.device }), SIGN_IN, code(hotp(seed, 1)));
  assert.equal((await later).Refused, "WrongCode", "the counter never goes back");
});

test("f26_an_answer_of_a_passkey_posted_fifty_times_at_once_opens_once", async () => {
  const ann = w.person("f26");
  const key = passkey(w.gate.url);
  const visit = ann.visit("f26");
  const begun = await ann.call({ Begin: [visit, "Passkey", "key"] });
  const { id, options } = begun.Show.Passkey;
  const answer = key.create(options);
  const made = await times(5, () => ann.call({ Confirm: [visit, id, { Passkey: answer }] }));
  assert.equal(made.filter(({ Enrolled }) => Enrolled).length, 1, JSON.stringify(made));

  const asked = await ann.call({ Challenge: [visit, SIGN_IN] });
  const shown = { Passkey: key.get(asked.Options) };
  const verdicts = await times(50, () => ann.check(visit, SIGN_IN, shown));
  assert.equal(passed(verdicts), 1);
  const asked2 = await ann.call({ Challenge: [visit, SIGN_IN] });
  const bent = JSON.parse(key.get(asked2.Options));
  bent.response.signature = passkey(w.gate.url).get(asked2.Options).match(/"signature":"([^"]+)"/)[1];
  assert.equal((await ann.check(visit, SIGN_IN, { Passkey: JSON.stringify(bent) })).Refused, "PasskeyRefused", "another key's signature");
});

test("f36_two_enrolments_begun_at_once_and_confirmed_at_once_are_one", async () => {
  // Both orders of beginning and of confirming; and each confirmation five times at once. The one that is refused must not have been
  // wrong by itself: its code is right, and it is refused because the other one stands.
  for (const [begins, confirms] of [[[0, 1], [0, 1]], [[0, 1], [1, 0]], [[1, 0], [0, 1]], [[1, 0], [1, 0]]]) {
    const name = `f36-${begins.join("")}-${confirms.join("")}`;
    const ann = w.person(name);
    const visits = [ann.visit(`${name}-thief`), ann.visit(`${name}-owner`)];
    const begun = [];
    for (const at of begins) begun[at] = await ann.beginApp(visits[at]);
    assert.equal((await ann.record()).enrolments.length, 2, "both wait");
    await earlyInStep();
    const posts = confirms.flatMap((at) => Array.from({ length: 5 }, () => at));
    const verdicts = await Promise.all(posts.map((at) => ann.call({ Confirm: [visits[at], begun[at].id, { Code: totp(begun[at].secret) }] })));
    const enrolled = posts.filter((_, n) => verdicts[n].Enrolled);
    assert.equal(enrolled.length, 1, JSON.stringify(verdicts));
    for (const [n, verdict] of verdicts.entries()) if (!verdict.Enrolled) assert.ok(["Unknown", "WrongCode"].includes(verdict.Refused), `${posts[n]}: ${JSON.stringify(verdict)}`);
    const others = verdicts.filter((_, n) => posts[n] !== enrolled[0]);
    assert.ok(others.every(({ Refused }) => Refused === "Unknown"), JSON.stringify(others));
    const { enrolments } = await ann.record();
    assert.deepEqual(enrolments.map(({ id, state }) => [id, state]), [[begun[enrolled[0]].id, "Active"]]);
  }
});

test("f37_a_code_that_signed_in_pays_for_no_change", async () => {
  await earlyInStep();
  const ann = w.person("f37");
  const { secret, codes } = await ann.enrolApp();
  const visit = ann.visit("f37");
  assert.ok((await ann.check(visit, SIGN_IN, code(totp(secret)))).Passed);
  assert.equal((await ann.call({ Begin: [visit, "Passkey", "thief"] })).Refused, "NeedsFactor");
  const paper = await ann.check(visit, pay({ Add: "passkey" }), { Recovery: codes[0] });
  assert.equal(paper, "Paid");
  const key = passkey(w.gate.url);
  const begun = await ann.call({ Begin: [visit, "Passkey", "thief"] });
  const made = await ann.call({ Confirm: [visit, begun.Show.Passkey.id, { Passkey: key.create(begun.Show.Passkey.options) }] });
  assert.ok(made.Enrolled.from_secs > now() + 71 * 3600, "paper buys a change that waits");
  assert.equal((await ann.call({ Challenge: [visit, SIGN_IN] })).Refused, "Unknown", "and opens nothing until then");
});

test("f32_a_record_that_is_lost_unreadable_or_newer_invites_nobody", async () => {
  const ann = w.person("f32");
  const { secret } = await ann.enrolApp();
  const row = () => w.directory(shardOf(ann.object), { Find: ann.object });
  await until("the directory has the row", async () => (await row()).Row !== null);
  const { kinds } = (await row()).Row;
  assert.deepEqual(kinds, ["app"]);
  const visit = ann.visit("f32", { listed: kinds });
  const lost = async (what, text) => {
    await w.post(`PERSONS/${ann.object}/${text === undefined ? "forget" : "write"}`, text);
    for (const call of [{ Offer: visit }, { Begin: [visit, "App", "thief"] }, { Check: [visit, SIGN_IN, code(totp(secret))] }]) {
      assert.deepEqual(await ann.call(call), { Lost: what }, Object.keys(call)[0]);
    }
    const { text: after } = await w.post(`PERSONS/${ann.object}/read`);
    assert.equal(after, text ?? "", "nothing was written");
  };
  await lost("Absent");
  await lost("Unreadable", "{}");
  await lost("Newer", '{"v":2,"person":{}}');
});

test("f32_what_may_never_change_is_kept_by_the_anchor", async () => {
  const identity = { servers: [["uni", "main"]], rp_id: "localhost", jurisdiction: "", id_key: "AAAA" };
  assert.deepEqual(await w.anchor({ Check: identity }), { Same: { people: 0, kids: [] } });
  for (const [what, change] of [["Server", { servers: [["uni", "other"]] }], ["RpId", { rp_id: "elsewhere" }], ["Jurisdiction", { jurisdiction: "eu" }], ["IdKey", { id_key: "BBBB" }]]) {
    assert.deepEqual(await w.anchor({ Check: { ...identity, ...change } }), { Changed: what });
  }
  assert.deepEqual(await w.anchor({ Counted: { people: 3, kids: [["abcdef", 3]] } }), { Same: { people: 3, kids: [["abcdef", 3]] } });
  assert.deepEqual(await w.anchor({ Check: identity }), { Same: { people: 3, kids: [["abcdef", 3]] } });
});

test("f48_the_directory_lists_who_has_a_factor_and_counts_by_key", async () => {
  const shard = "directory-0";
  const people = ["a", "b", "c"].map((user) => `q${named(user).slice(1)}`);
  const row = (kids) => ({ kinds: ["app"], kids, last_day: 20_000 });
  const before = (await w.directory(shard, "Count")).Counted;
  for (const [at, person] of people.entries()) {
    assert.equal(await w.directory(shard, { Put: [person, row(at ? ["newkey"] : ["newkey", "oldkey"])] }), "Done");
    assert.equal(await w.directory(shard, { Put: [person, row(at ? ["newkey"] : ["newkey", "oldkey"])] }), "Done", "an errand that is repeated has one effect");
  }
  const { people: count, kids } = (await w.directory(shard, "Count")).Counted;
  assert.equal(count - before.people, 3);
  assert.deepEqual(Object.fromEntries(kids.filter(([kid]) => /key$/.test(kid))), { newkey: 3, oldkey: 1 });
  await w.directory(shard, { Put: [people[0], { kinds: [], kids: [], last_day: 0 }] });
  assert.deepEqual(await w.directory(shard, { Find: people[0] }), { Row: null }, "who has none any more is not listed");
});

test("f45_all_sessions_are_ended_although_the_process_is_killed_in_between", async () => {
  await earlyInStep();
  const stateDir = mkdtempSync(join(tmpdir(), "gate-killed-"));
  try {
    await using own = await objects({ stateDir });
    const ann = own.person("f45");
    const { secret } = await ann.enrolApp();
    const visits = Array.from({ length: 7 }, (_, at) => ann.visit(`f45-${at}`));
    for (const visit of visits) await ann.offer(visit);
    const owner = ann.visit("f45-owner", { born_secs: now() });
    assert.ok((await ann.check(owner, SIGN_IN, code(totp(secret)))).Passed);
    await until("the first errands are delivered", async () => (await ann.record()).outbox.length === 0);
    // The answer means that it is decided and stored: then the process is gone, with errands to send.
    assert.equal(await ann.call({ End: [owner, null] }), "Done");
    const before = own.gate.workerd().at(-1);
    process.kill(before, "SIGKILL");
    await until("another process runs", async () => own.gate.workerd().at(-1) !== before && (await ann.raw({ Told: 0 }).catch(() => ({}))).status === 200);
    const record = await ann.record();
    assert.equal(record.sessions.length, 0);
    for (const visit of visits) assert.equal((await ann.offer(visit)).Refused, "SessionEnded");
    await until("every errand is answered, by the alarm alone", async () => (await ann.record()).outbox.length === 0);
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
});

test("t06_what_cannot_be_written_opens_nothing_and_spends_nothing", async () => {
  await earlyInStep();
  await using own = await objects();
  const ann = own.person("t06");
  const { secret, codes } = await ann.enrolApp();
  await until("the first errands are delivered", async () => (await ann.record()).outbox.length === 0);
  const before = JSON.stringify(await ann.record());
  await own.moved(0, "full");
  for (const proof of [code(totp(secret)), { Recovery: codes[0] }]) {
    const { status, text } = await ann.raw({ Check: [ann.visit("t06-full"), SIGN_IN, proof] });
    assert.deepEqual([status, text.includes("Passed")], [500, false], "no answer before it is written");
  }
  assert.equal(JSON.stringify(await ann.record()), before);
  await own.moved(0);
  for (const proof of [code(totp(secret)), { Recovery: codes[0] }]) {
    const twice = [await ann.check(ann.visit("t06-1"), SIGN_IN, proof), await ann.check(ann.visit("t06-2"), SIGN_IN, proof)];
    assert.deepEqual([passed(twice), twice[1].Refused], [1, "WrongCode"], "it is good, and opens once");
  }
});

test("f48_a_delivery_whose_object_was_evicted_is_given_up_and_a_later_one_delivers", async () => {
  await using own = await objects();
  const ann = own.person("f48");
  const pending = async () => (await ann.record()).outbox.length;
  const listed = async () => (await own.directory(shardOf(ann.object), { Find: ann.object })).Row?.kinds;
  await own.moved(0, "silent");
  await ann.enrolApp();
  // The object is evicted while the directory is asked: nobody ends this delivery.
  await until("the directory is asked", async () => (await own.moved(0, "silent")) > 0);
  await own.post(`PERSONS/${ann.object}/evict`);
  // It may still be on the way, and a second one could overtake it. The object tries again in half a minute, by its alarm; with a clock
  // that is 28 seconds behind, that is in two seconds.
  await own.moved(-28);
  await ann.offer(ann.visit("f48"));
  await logged(own.gate, /"fault":"person-errands"/);
  assert.deepEqual([await pending() > 0, await listed()], [true, undefined], "the first delivery is not given up yet");
  await own.moved(121);
  await until("the alarm alone delivers", async () => (await pending()) === 0);
  assert.deepEqual(await listed(), ["app"]);
});

/** As crates/gate/src/factor/directory.rs. */
const shardOf = (person) => `directory-${("abcdefghijklmnopqrstuvwxyz234567".indexOf(person[0]) >> 1).toString(16)}`;

// Every row of the fixtures through the object, with its own WebCrypto. A row has a challenge of its own: it is put into the record.
for (const [name, publicUrl] of [["good-chromium", "http://localhost:41405"], ["good-fido2", "https://portal.example.org"], ["bad-fido2", "https://portal.example.org"]]) {
  test(`f23_f38_every_row_of_webauthn_${name}`, async () => {
    const { rows } = JSON.parse(readFileSync(join(root, "tests", "vectors", "webauthn", `${name}.json`), "utf8"));
    for (const verification of new Set(rows.map((row) => row.user_verification))) {
      const policy = POLICY.replace("[factor]", `[factor]\nverification = "${verification}"`);
      await using own = await objects({ publicUrl, policy });
      for (const [at, row] of rows.entries()) {
        if (row.user_verification !== verification) continue;
        assert.equal(row.origins[0], publicUrl);
        const said = await (row.op === "create" ? registered : asserted)(own, row, at);
        assert.equal(said, row.expect === "ok" ? "ok" : "refused", `${row.name}: ${row.expect}`);
      }
    }
  });
}

async function put(own, ann, change) {
  const record = await ann.record();
  change(record);
  await own.post(`PERSONS/${ann.object}/write`, JSON.stringify({ v: 1, person: record }));
}

/** Whether the registration is taken. */
async function registered(own, row, at) {
  const ann = own.person(`row-${at}`);
  const visit = ann.visit(`row-${at}`);
  const begun = await ann.call({ Begin: [visit, "Passkey", "key"] });
  await put(own, ann, ({ enrolments }) => (enrolments[0].state.Pending.challenge = row.challenge));
  const verdict = await ann.call({ Confirm: [visit, begun.Show.Passkey.id, { Passkey: JSON.stringify(row.credential) }] });
  if (!verdict.Enrolled) return typeof verdict.Refused === "string" ? "refused" : JSON.stringify(verdict);
  const stored = (await ann.record()).enrolments[0].credential.Passkey.sign_count;
  assert.equal(stored, row.sign_count ?? stored, row.name);
  return "ok";
}

/** Whether the assertion is taken. */
async function asserted(own, row, at) {
  const ann = own.person(`row-${at}`);
  const visit = ann.visit(`row-${at}`);
  await ann.call({ Begin: [visit, "Passkey", "key"] });
  const { id, public_key, sign_count, user_handle, backup_eligible } = row.registered;
  await put(own, ann, (record) => {
    record.handle = user_handle;
    const [enrolment] = record.enrolments;
    enrolment.state = "Active";
    Object.assign(enrolment.credential.Passkey, { id, public_key, sign_count, backup_eligible });
    record.sessions[0].challenge = { bytes: row.challenge, purpose: "sign-in", until_secs: now() + 300 };
  });
  const verdict = await ann.check(visit, SIGN_IN, { Passkey: JSON.stringify(row.credential) });
  if (!verdict.Passed) return typeof verdict.Refused === "string" ? "refused" : JSON.stringify(verdict);
  const stored = (await ann.record()).enrolments[0].credential.Passkey.sign_count;
  assert.equal(stored, row.sign_count ?? stored, row.name);
  return "ok";
}
