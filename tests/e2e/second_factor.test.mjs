// The gate's second factor in a real browser: enrolled by the Portcullis authenticator, by passkeys of the browser, by paper.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import * as authenticatorPart from "../parts/authenticator.mjs";
import { axe } from "../parts/axe.mjs";
import * as chromiumPart from "../parts/chromium.mjs";
import * as djangoApp from "../parts/django_app.mjs";
import * as djangoCas from "../parts/django_cas.mjs";
import * as gatePart from "../parts/gate.mjs";
import { sitesPython } from "../parts/python_site.mjs";
import { shared, together } from "../parts/together.mjs";
import { debianPath, need, root } from "../setup.mjs";
import { base32, totp } from "../worker/person.mjs";
import { signIn, user } from "./scenarios/world.mjs";

const POLICY = `
origin_auth = "unreachable"

[factor]
mode = "required"
tenant_id = "uni"
cas_id = "main"
user_key = "cas:user"
enrolment = "open"
issuer = "Example University"

[[rule]]
path = "/public/*"
access = "public"

[[rule]]
path = "/*"
access = "login"
`;

let chromium, cas, app, authenticator;
shared(async (stack) => {
  [chromium, cas, app, authenticator] = await together(stack, chromiumPart.launch({ camera: true }), djangoCas.start(), djangoApp.start(), authenticatorPart.start());
});

/** A gate of its own for each test: nobody has a factor yet. */
const gate = (policy = POLICY, more = {}) => gatePart.start({ cas: cas.url, origin: app.url, policy, ...more });

async function withGate(name, work, policy) {
  await using theGate = await gate(policy);
  const context = await chromium.context();
  try {
    await chromiumPart.pictured(context, `second-factor-${name}`, () => work(theGate, context));
  } catch (error) {
    console.error(theGate.logs());
    throw error;
  } finally {
    await context.close();
  }
}

/** Opens the app, signs in by password, and stands before the second factor. */
async function byPassword(page, theGate, path = "/") {
  await page.goto(theGate.url + path);
  await signIn(page, cas.person, /\/\.portcullis\/factor|[?&]renew=/);
  // Who has no factor yet is asked for the password once more: nobody enrols by a session that somebody left open.
  if (/[?&]renew=/.test(page.url())) await signIn(page, cas.person, /\/\.portcullis\/factor/);
}

const heading = (page, name) => page.getByRole("heading", { name, level: 1 }).waitFor({ timeout: 10_000 });
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const key = async (page) => (await page.locator(".key").first().textContent()).trim();

/** Types a code, and waits for the next page. */
async function type(page, code) {
  await page.locator("#typed").fill(code);
  await press(page, "Confirm");
}

async function atApp(page, theGate, path = "/") {
  await page.waitForURL(theGate.url + path);
  assert.equal(await user(page), cas.person.user);
}

/** Enrols an app by its key as text; returns its secret and the recovery codes. */
async function enrolByKey(page) {
  await press(page, "Use an authenticator app");
  await heading(page, "Scan this with your authenticator");
  const secret = base32((await key(page)).replaceAll(/\s/g, ""));
  await type(page, totp(secret, -1)); // the code before this one, so that this one is left
  await heading(page, "Your recovery codes");
  return { secret, codes: await page.locator("ul.codes li").allTextContents() };
}

test("a person without a factor scans the QR, goes offline with the authenticator, types the code and reaches the app", async () => {
  await withGate("scan", async (theGate, desk) => {
    const phone = await chromium.context({ viewport: { width: 390, height: 844 } });
    try {
      await chromiumPart.pictured(phone, "second-factor-phone", async () => {
        const page = await desk.newPage();
        await byPassword(page, theGate, "/?page=1");
        await heading(page, "Add a second factor");
        await press(page, "Use an authenticator app");
        await heading(page, "Scan this with your authenticator");
        await chromium.show(await page.locator(".qr svg").screenshot());

        const handheld = await phone.newPage();
        await authenticatorPart.open(handheld, authenticator);
        await authenticatorPart.scan(handheld);
        await phone.setOffline(true);
        await handheld.reload();
        const code = await authenticatorPart.readCode(handheld, "Example University");
        await type(page, String((Number(code) + 123_457) % 1_000_000).padStart(6, "0"));
        await page.locator("#error").waitFor();
        const typed = await authenticatorPart.readCode(handheld, "Example University");
        await type(page, typed);
        await heading(page, "Your recovery codes");
        assert.equal((await page.locator("ul.codes li").allTextContents()).length, 10);
        await page.getByRole("link", { name: "I have them" }).click();
        await atApp(page, theGate, "/?page=1");

        // Another browser is asked for a code; the one that confirmed the enrolment is spent, and the next one opens.
        const elsewhere = await chromium.context();
        const other = await elsewhere.newPage();
        await byPassword(other, theGate);
        await heading(other, "Confirm that it is you");
        let next = typed;
        while (next === typed) next = await authenticatorPart.readCode(handheld, "Example University");
        await type(other, next);
        await atApp(other, theGate);
        await elsewhere.close();
      });
    } finally {
      await phone.close();
    }
  });
});

for (const transport of ["internal", "usb"]) {
  test(`f23_a_passkey_of_the_browser_by_${transport}_is_made_and_then_opens`, async () => {
    await withGate(`passkey-${transport}`, async (theGate, context) => {
      const page = await context.newPage();
      const devtools = await context.newCDPSession(page);
      await devtools.send("WebAuthn.enable");
      await devtools.send("WebAuthn.addVirtualAuthenticator", { options: { protocol: "ctap2", transport, hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
      await byPassword(page, theGate);
      await press(page, "Use a passkey");
      await heading(page, "Make a passkey");
      await press(page, "Make passkey");
      await heading(page, "Your recovery codes");
      await page.getByRole("link", { name: "I have them" }).click();
      await atApp(page, theGate);

      await context.clearCookies();
      await byPassword(page, theGate);
      await heading(page, "Confirm that it is you");
      await press(page, "Use passkey");
      await atApp(page, theGate);
    });
  });
}

test("f04_without_script_a_recovery_code_opens_once", async () => {
  await withGate("paper", async (theGate) => {
    const plain = await chromium.context({ javaScriptEnabled: false });
    try {
      const page = await plain.newPage();
      await byPassword(page, theGate);
      const { codes } = await enrolByKey(page);
      await page.getByRole("link", { name: "I have them" }).click();
      await atApp(page, theGate);
      for (const opens of [true, false]) {
        await plain.clearCookies();
        await byPassword(page, theGate);
        await page.getByRole("link", { name: "Recovery code" }).click();
        await type(page, codes[0]);
        if (opens) await atApp(page, theGate);
        else await page.locator("#error").waitFor();
      }
    } finally {
      await plain.close();
    }
  });
});

/** The code of a token with a button, by oathtool: an independent program (RFC 4226). */
const ofToken = (seed, counter) => execFileSync(debianPath("oathtool"), ["--hotp", "--counter", String(counter), seed], { encoding: "utf8" }).trim();

/** Goes on with the Tab key until this is focused, as a person without a mouse does. */
async function tabTo(page, target) {
  for (let at = 0; at < 40; at++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail("the keyboard does not reach it");
}

test("by the keyboard alone, a token with a button (oathtool) is enrolled, opens, runs ahead and is resynchronised", async () => {
  await need("debian:oathtool");
  const seed = randomBytes(20).toString("hex");
  await withGate("token", async (theGate, context) => {
    const page = await context.newPage();
    const button = (name) => page.getByRole("button", { name, exact: true });
    const enter = async (target) => {
      await tabTo(page, target);
      await page.keyboard.press("Enter");
    };
    const fill = async (label, text) => {
      await tabTo(page, page.getByLabel(label, { exact: true }));
      await page.keyboard.type(text);
    };
    await byPassword(page, theGate);
    await heading(page, "Add a second factor");
    await enter(page.locator("summary", { hasText: "Use a token" }));
    await fill("Seed", seed);
    await enter(button("Use a token"));
    await heading(page, "The codes of your token");
    // The field for the code has the focus.
    await page.keyboard.type(ofToken(seed, 7));
    await fill("The code after it", ofToken(seed, 8));
    await page.keyboard.press("Enter");
    await heading(page, "Your recovery codes");
    await enter(page.getByRole("link", { name: "I have them" }));
    await atApp(page, theGate);

    await context.clearCookies();
    await byPassword(page, theGate);
    await heading(page, "Confirm that it is you");
    await page.keyboard.type(ofToken(seed, 8));
    await page.keyboard.press("Enter");
    await page.locator("#error").waitFor(); // spent by the enrolment
    await page.keyboard.type(ofToken(seed, 10)); // its button was pressed once in between
    await page.keyboard.press("Enter");
    await atApp(page, theGate);

    await page.goto(`${theGate.url}/.portcullis/factor/me`);
    await enter(page.getByRole("link", { name: "Resynchronise" }));
    await heading(page, "The codes of your token");
    await page.keyboard.type(ofToken(seed, 600));
    await fill("The code after it", ofToken(seed, 601));
    await page.keyboard.press("Enter");
    await heading(page, "How you sign in");
    await context.clearCookies();
    await byPassword(page, theGate);
    await heading(page, "Confirm that it is you");
    await page.keyboard.type(ofToken(seed, 602));
    await page.keyboard.press("Enter");
    await atApp(page, theGate);
  });
});

test("f28_who_is_invited_enrols_by_what_npm_run_invite_prints_and_nobody_else_does", async () => {
  const policy = POLICY.replace('enrolment = "open"', 'enrolment = "invited"');
  await withGate("invited", async (theGate, context) => {
    const file = join(theGate.stateDir, "policy.toml");
    writeFileSync(file, policy);
    const env = { ...process.env, ...JSON.parse(readFileSync(join(theGate.stateDir, "keys.json"), "utf8")) };
    const invite = (name) => execFileSync("npm", ["run", "--silent", "invite", "--", name, "--policy", file], { cwd: root, env, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    const page = await context.newPage();
    await byPassword(page, theGate);
    for (const [invitation, enrols] of [["", false], [invite("somebody-else"), false], [invite(cas.person.user), true]]) {
      await page.goto(theGate.url);
      await heading(page, "Add a second factor");
      await page.getByLabel("Invitation, if you have one").fill(invitation);
      await press(page, "Use an authenticator app");
      if (enrols) await heading(page, "Scan this with your authenticator");
      else await page.getByText("FACTOR_DENIED").waitFor();
    }
    await type(page, totp(base32((await key(page)).replaceAll(/\s/g, ""))));
    await heading(page, "Your recovery codes");
  }, policy);
});

test("f45_a_session_is_ended_from_the_persons_page_in_another_browser", async () => {
  await withGate("ended", async (theGate, context) => {
    const page = await context.newPage();
    await byPassword(page, theGate);
    const { secret } = await enrolByKey(page);
    await page.getByRole("link", { name: "I have them" }).click();
    await atApp(page, theGate);

    const elsewhere = await chromium.context();
    try {
      const other = await elsewhere.newPage();
      await byPassword(other, theGate);
      await type(other, totp(secret));
      await atApp(other, theGate);
      await other.goto(`${theGate.url}/.portcullis/factor/me`);
      await heading(other, "How you sign in");
      const ends = other.getByRole("listitem").filter({ has: other.getByRole("button", { name: "End", exact: true }) });
      assert.ok((await ends.count()) >= 2, "both are listed");
      await other.getByRole("button", { name: "That was not me: end all" }).click();
      for (const one of [page, other]) {
        // Within `revalidate_secs`, and no longer.
        await until(async () => {
          await one.goto(`${theGate.url}/private/page`);
          return one.url().startsWith(cas.url) || one.url().includes("/.portcullis/factor") || one.url().includes("/login");
        });
      }
    } finally {
      await elsewhere.close();
    }
  }, POLICY.replace("[factor]", "[session]\nrevalidate_secs = 1\n\n[factor]"));
});

async function until(condition) {
  const end = Date.now() + 20_000;
  while (!(await condition())) assert.ok(Date.now() < end, "it did not happen");
}

test("f42_no_service_worker_of_the_app_can_be_registered_beside_the_pages_of_the_factor", async () => {
  await withGate("worker", async (theGate, context) => {
    const page = await context.newPage();
    await page.goto(`${theGate.url}/public/`);
    const answer = await page.evaluate(() => navigator.serviceWorker.register("/public/sw.js").then(() => "registered", (error) => error.name));
    assert.match(answer, /SecurityError|TypeError/);
    const asked = await context.request.get(`${theGate.url}/public/sw.js`, { headers: { "service-worker": "script" }, maxRedirects: 0 });
    assert.equal(asked.status(), 403);
  });
});

test("axe finds nothing on the pages of the second factor", async () => {
  await withGate("axe", async (theGate, context) => {
    const page = await context.newPage();
    const clean = async (name) => {
      const { violations, passes } = await axe(page);
      assert.ok(passes.length > 5, `${name}: axe looked at something`);
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(", ")}`), [], name);
    };
    await byPassword(page, theGate);
    await clean("enrol");
    await press(page, "Use an authenticator app");
    await heading(page, "Scan this with your authenticator");
    await clean("app");
    await page.goto(theGate.url);
    const { secret } = await enrolByKey(page);
    await clean("codes");
    await page.goto(`${theGate.url}/.portcullis/factor/me`);
    await heading(page, "How you sign in");
    await clean("me");
    await context.clearCookies();
    await byPassword(page, theGate);
    await clean("code");
    await type(page, totp(secret));
    await atApp(page, theGate);
    await page.goto(`${theGate.url}/.portcullis/factor/me`);
    await page.getByRole("heading", { name: "What happened" }).waitFor();
    await clean("news");
  });
});

/** The code of now by PyOTP or oathtool, two independent programs (RFC 6238). */
async function codeBy(program, secret, { steps = 0, algorithm = "SHA1", digits = 6 } = {}) {
  const nowMs = Date.now() + steps * 30_000;
  if (program === "oathtool") {
    const at = new Date(nowMs).toISOString().replace("T", " ").replace(/\..*/, " UTC");
    return execFileSync(debianPath("oathtool"), [`--totp=${algorithm.toLowerCase()}`, "--base32", "--digits", String(digits), "--now", at, secret], { encoding: "utf8" }).trim();
  }
  const row = JSON.stringify({ kind: "totp", secret, algorithm, digits, periodSecs: 30, nowMs });
  return execFileSync(await sitesPython(), ["-B", join(root, "tests", "parts", "python", "sites", "otp_answers.py")], { encoding: "utf8", input: `${row}\n` }).trim();
}

for (const program of ["PyOTP", "oathtool"]) {
  test(`codes of ${program} are accepted, for an app and for a token by the clock`, async () => {
    await need("debian:oathtool");
    await withGate(program.toLowerCase(), async (theGate, context) => {
      const page = await context.newPage();
      await byPassword(page, theGate);
      await press(page, "Use an authenticator app");
      await heading(page, "Scan this with your authenticator");
      const secret = (await key(page)).replaceAll(/\s/g, "");
      await type(page, await codeBy(program, secret, { steps: -1 }));
      await heading(page, "Your recovery codes");
      await context.clearCookies();
      await byPassword(page, theGate);
      await type(page, await codeBy(program, secret));
      await atApp(page, theGate);

      // Another kind of code: a token of eight digits by SHA-256, paid for by the next code of the app.
      await page.goto(`${theGate.url}/.portcullis/factor/change?change=add-token`);
      await type(page, await codeBy(program, secret, { steps: 1 }));
      await heading(page, "Add a second factor");
      const seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA";
      const token = { algorithm: "SHA256", digits: 8 };
      await page.getByLabel("Seed", { exact: true }).fill(seed);
      await page.getByLabel("Digits of a code").fill("8");
      await page.getByLabel("Hash algorithm").selectOption("SHA256");
      await page.getByLabel("It shows a new code by itself, without a button").check();
      await press(page, "Use a token");
      await heading(page, "The codes of your token");
      await type(page, await codeBy(program, seed, { ...token, steps: -1 }));
      await atApp(page, theGate);
      await context.clearCookies();
      await byPassword(page, theGate);
      await type(page, await codeBy(program, seed, token));
      await atApp(page, theGate);
    });
  });
}

test("the setup key is copied as text on a press", async () => {
  await withGate("copy", async (theGate, context) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const page = await context.newPage();
    await byPassword(page, theGate);
    await press(page, "Use an authenticator app");
    await heading(page, "Scan this with your authenticator");
    const secret = (await key(page)).replaceAll(/\s/g, "");
    await press(page, "Copy setup key");
    await page.getByRole("button", { name: "Copied" }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), secret);
  });
});
