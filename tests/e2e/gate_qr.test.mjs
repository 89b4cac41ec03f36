// The QR code of an enrolment, as a browser paints the gate's real page, read by zxing: an independent reader. Short and long names,
// and each language.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { before, test } from "node:test";

import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

import { launch } from "../parts/chromium.mjs";
import { shared } from "../parts/together.mjs";
import { Browser, testbed } from "../worker/support.mjs";

const policy = (issuer) => `
origin_auth = "unreachable"

[factor]
mode = "required"
tenant_id = "uni"
cas_id = "main"
user_key = "cas:user"
enrolment = "open"
issuer = "${issuer}"

[[rule]]
path = "/*"
access = "login"
`;
const LANGUAGES = ["en", "de", "fr", "es", "nl"];
const USERS = ["a", "ann.example-students_example.org", "x".repeat(64)];

let chromium;
shared(async (stack) => {
  chromium = stack.use(await launch());
});
before(async () => {
  const wasm = createRequire(import.meta.url).resolve("zxing-wasm/reader/zxing_reader.wasm");
  await prepareZXingModule({ overrides: { wasmBinary: readFileSync(wasm).buffer }, fireImmediately: true });
});

/** The page with the QR code of a new account, as the gate sends it. */
async function enrolPage(w, user, language) {
  const browser = new Browser(w.url);
  const headers = { "accept-language": language };
  let path = "/";
  let answer;
  for (let turn = 0; turn < 10; turn++) {
    answer = await browser.get(path, { headers });
    const location = answer.headers.get("location");
    if (!location) break;
    const to = new URL(location, w.url);
    const service = to.searchParams.get("service");
    const ticket = service && (await w.cas.ticket(user, service, to.searchParams.has("renew") ? { renew: true } : {}));
    path = service ? `${new URL(service).pathname}?ticket=${ticket}` : to.pathname + to.search;
  }
  const page = await answer.text();
  const field = (name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1];
  const body = new URLSearchParams({ token: field("token"), page: "/", kind: "app", label: "phone" }).toString();
  const shown = await browser.fetch("/.portcullis/factor/enrol", { method: "POST", body, headers: { ...headers, "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" } });
  assert.equal(shown.status, 200);
  return shown.text();
}

for (const [what, issuer] of [["of a letter", "E"], ["of 64 letters", "Example University ".repeat(4).slice(0, 64).trim()], ["beyond ASCII", "Universität Zürich – Œuvre"]]) {
  test(`the QR codes of an issuer ${what} are read by zxing from the painted page`, async () => {
    await using w = await testbed({ policy: policy(issuer) });
    const context = await chromium.context({ viewport: { width: 390, height: 844 } });
    const tab = await context.newPage();
    try {
      let at = 0;
      for (const user of USERS) {
        for (const language of LANGUAGES) {
          const name = at++ % 2 ? user : user.slice(0, 40);
          const html = await enrolPage(w, name, language);
          await tab.setContent(html);
          assert.equal(await tab.evaluate(() => document.documentElement.lang), language);
          const png = await tab.locator(".qr svg").screenshot();
          const found = await readBarcodes(new Uint8Array(png), { formats: ["QRCode"] });
          assert.equal(found.length, 1, `${name} ${language}`);
          const read = new URL(found[0].text);
          const key = (await tab.locator(".key").first().textContent()).replaceAll(/\s/g, "");
          assert.equal(read.protocol, "otpauth:");
          assert.equal(decodeURIComponent(read.pathname.split("/").pop()), `${issuer}:${name}`);
          assert.deepEqual([read.searchParams.get("secret"), read.searchParams.get("issuer")], [key, issuer]);
        }
      }
    } finally {
      await context.close();
    }
  });
}
