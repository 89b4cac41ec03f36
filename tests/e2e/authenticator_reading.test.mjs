// What people really paste and open: the app reads what it can, names what it leaves out, and shows accounts so that they are not
// mistaken for each other.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as app from "../parts/authenticator.mjs";
import { launch, pictured } from "../parts/chromium.mjs";
import { shared, together } from "../parts/together.mjs";

const rows = JSON.parse(readFileSync(new URL("../vectors/links/pasted.json", import.meta.url), "utf8"));
const text = (name) => rows.find((row) => row.name === name).texts.join("\n");
const AT = 1_767_225_600_000; // the time of the codes in these rows

let chromium, authenticator;
shared(async (stack) => {
  [chromium, authenticator] = await together(stack, launch({ context: { viewport: { width: 390, height: 844 } } }), app.start());
});

async function person(name, work, options = {}) {
  const context = await chromium.context(options);
  const page = await context.newPage();
  await pictured(context, name, async () => {
    await app.open(page, authenticator);
    await work(page, context);
  });
  await context.close();
}
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
async function paste(page, text) {
  await press(page, "Add");
  await press(page, "Paste a setup link");
  await page.getByRole("textbox", { name: "Setup link" }).fill(text);
  await press(page, "Show code");
}
const saved = (page) => page.getByRole("button", { name: /^Save (account|\d+ accounts)$/ });

const bare = (name) => name.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "");

for (const row of rows.filter(({ accounts, refused }) => accounts.length > 0 && !refused)) {
  test(`pasted: ${row.fault}`, async () => {
    await person(`links-${row.name}`, async (page) => {
      await page.clock.setFixedTime(AT);
      await paste(page, row.texts[0]);
      await saved(page).waitFor();
      for (const [index, { pin }] of row.accounts.map((account) => account.with_pin ?? row.with_pin ?? {}).entries()) if (pin) await page.locator(`#found-pin-${index}`).fill(pin);
      await app.save(page);
      const shown = await app.codes(page);
      const expected = row.accounts.map(({ issuer, name, code, kind }) => ({ issuer: bare(issuer || name), account: issuer ? bare(name) : "", code: kind === "hotp" ? null : (row.with_pin?.code ?? code) }));
      assert.deepEqual(shown, expected);
    });
  });
}

const EXPORT = () => rows.find(({ name }) => name === "migration_two_parts").texts;
const LEFT = ["Example 5, user5@example.org", "Example 14, user14@example.org"];

/** Checks the title and the refused accounts: each stands above the found ones, with a sentence and no error code. The report says the same. */
async function sixteenOfEighteen(page) {
  await page.getByRole("heading", { name: "16 of 18 accounts can be saved" }).waitFor();
  const reasons = page.locator("dialog .reasons li");
  assert.deepEqual(await reasons.locator("bdi").allTextContents(), LEFT);
  for (const said of await reasons.locator("span").allTextContents()) {
    assert.match(said, /^[A-Z][a-z' ]{10,}/);
    assert.doesNotMatch(said, /[A-Z]+_[A-Z]+/);
  }
  const [first, second] = await Promise.all([reasons.first(), page.locator(".found-item").first()].map((part) => part.boundingBox()));
  assert.ok(first.y < second.y, "what is left out stands above");
  await saved(page).click();
  await page.getByRole("heading", { name: "16 of 18 accounts saved" }).waitFor();
  await page.getByText(`16 of 18 saved. Left out: ${LEFT.join("; ")}.`).last().waitFor();
  assert.deepEqual(await reasons.locator("bdi").allTextContents(), LEFT);
  await page.getByText("Keep the old app until these accounts work here too.").waitFor();
  await press(page, "Done");
  assert.equal((await app.codes(page)).length, 16);
}

test("an export with two unusable accounts names them before and after saving, with its parts in either order", async () => {
  await person("export-links", async (page) => {
    const [first, second] = EXPORT();
    await paste(page, second);
    await page.getByText("1 of 2 codes read. Still missing: number 1.").waitFor();
    await press(page, "Paste a setup link");
    await page.getByRole("textbox", { name: "Setup link" }).fill(first);
    await press(page, "Show code");
    await sixteenOfEighteen(page);
  });
});

test("the same export pasted at once, and as two pictures opened together with a third without a code", async () => {
  await person("export-at-once", async (page) => {
    await paste(page, EXPORT().join("\n"));
    await sixteenOfEighteen(page);
  });
  await person("export-pictures", async (page, context) => {
    const pictures = [];
    for (const part of EXPORT()) pictures.push({ name: `part ${pictures.length + 1}.png`, mimeType: "image/png", buffer: await app.qrPng(context, part.trim()) });
    await app.givePictures(page, [...pictures, { name: "holiday.png", mimeType: "image/png", buffer: await page.screenshot() }]);
    await page.getByRole("heading", { name: "16 of 19 accounts can be saved" }).waitFor();
    await page.locator(".reasons li", { hasText: "holiday.png" }).getByText("There is no QR code in this picture").waitFor();
  });
});

test("the parts of an export can be used without one that is lost", async () => {
  await person("export-part", async (page) => {
    await paste(page, EXPORT()[0]);
    await press(page, "Go on with the 9 accounts that were read");
    await page.locator(".reasons").getByText("Code 2 of the export was not read.").waitFor();
    await app.save(page);
    assert.equal((await app.codes(page)).length, 9);
  });
});

test("the same link twice in one paste is one account; in a second paste it is the existing one", async () => {
  await person("twice", async (page) => {
    await paste(page, text("same_link_twice"));
    await page.getByRole("heading", { name: "Save this account?" }).waitFor();
    await app.save(page);
    await paste(page, text("same_link_twice"));
    await page.getByText("You have this very account already, as “Example, robin”.").waitFor();
    await press(page, "Do not save");
    assert.equal((await app.codes(page)).length, 1);
  });
});

for (const [file, differs] of [["same_secret_other_name", "the service and the account name"], ["same_secret_other_digits", "the number of digits"], ["same_secret_other_period", "how long a code lasts"]]) {
  test(`${file}: the app says what differs, in one paste and in two, and both are saved`, async () => {
    const says = `It has the same key as “Example, robin”. What differs: ${differs}.`;
    await person(`${file}-one`, async (page) => {
      await paste(page, text(file));
      await page.getByText(says).waitFor();
      await app.save(page);
      assert.equal((await app.codes(page)).length, 2);
    });
    await person(`${file}-two`, async (page) => {
      for (const [index, link] of text(file).trim().split("\n").entries()) {
        await paste(page, link);
        await saved(page).waitFor();
        assert.equal(await page.getByText(says).count(), index);
        await app.save(page);
      }
      assert.equal((await app.codes(page)).length, 2);
    });
  });
}

// The visible text of each part of a row, without what is cut off.
const seen = (page, selector) =>
  page.locator(selector).evaluateAll((nodes) =>
    nodes.map((node) => {
      const parts = node.querySelectorAll(".cut > span");
      const whole = (part) => part.scrollWidth <= part.clientWidth + 1;
      return parts.length === 0 ? (whole(node) ? node.textContent : "cut") : [...parts].map((part) => (whole(part) ? part.textContent : `${part.textContent.slice(0, 3)}…`)).join("");
    }),
  );

for (const [width, height] of [[360, 640], [390, 844], [1280, 800]]) {
  test(`two accounts of one service can be told apart, in the list and before they are saved, ${width} wide`, async () => {
    await person(`alike-${width}`, async (page) => {
      await paste(page, text("alike_names"));
      await saved(page).waitFor();
      const names = ["robin.user@department-of-examples.example.org", "robin.user@department-of-examples.example.net"];
      assert.deepEqual(await seen(page, ".found-item .account"), names);
      await app.save(page);
      await app.addByPaste(page, "otpauth://totp/Lonely%20service%20with%20a%20long%20name%20Inc:somebody.with.a.long.name@department-of-examples.example.org?secret=JBSWY3DPEHPK3PXP&issuer=Lonely%20service%20with%20a%20long%20name%20Inc");
      const [first, second, third] = await seen(page, "li.row .account");
      assert.deepEqual([first, second], names);
      assert.match(third, /^som.*s\.example\.org$/, "a long name loses its middle, not its end");
      const lines = await page.locator("li.row").first().evaluate((row) => [".issuer", ".account", ".code"].map((part) => row.querySelector(part).getBoundingClientRect().top));
      assert.ok(lines[0] < lines[1] && lines[1] < lines[2], "each on its own line");
      await page.getByRole("button", { name: `More for Example, ${names[1]}` }).click();
      await page.getByRole("dialog").getByText(names[1]).waitFor();
    }, { viewport: { width, height } });
  });
}

test("two accounts with the same name show what else differs", async () => {
  await person("marks", async (page) => {
    await app.addByPaste(page, text("same_secret_other_digits"));
    assert.deepEqual(await page.locator("li.row .mark").allTextContents(), ["6 digits", "8 digits"]);
  });
});

test("a name with bidirectional control characters does not reverse the text beside it", async () => {
  await person("bidi", async (page) => {
    await app.addByPaste(page, text("bidi_name"));
    await app.addByPaste(page, text("bidi_name_2"));
    const letters = await page.locator("li.row").first().evaluate((row) => {
      const node = row.querySelector(".account").firstChild;
      const range = document.createRange();
      return [...node.textContent].map((letter, at) => {
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        return [letter, range.getBoundingClientRect().left];
      });
    });
    assert.equal(letters.toSorted((a, b) => a[1] - b[1]).map(([letter]) => letter).join(""), "robintxt.exe");
    assert.deepEqual((await app.codes(page)).map(({ issuer, account }) => [issuer, account]), [["Example", "robintxt.exe"], ["Example", "user7@example.org"]]);
  });
});

for (const [file, pin, wrong, code] of [["motp_no_pin", "1357", "135", "04e2ee"], ["yandex_no_pin", "4711", "47", "aqxfsoid"]]) {
  test(`${file}: the app asks for the PIN, and then shows the code`, async () => {
    await person(file, async (page) => {
      await page.clock.setFixedTime(AT);
      await paste(page, text(file));
      const field = page.getByLabel("PIN");
      await field.fill(wrong);
      await saved(page).click();
      assert.equal(await field.getAttribute("aria-invalid"), "true");
      assert.match(await field.evaluate((node) => document.getElementById(node.getAttribute("aria-describedby").split(" ")[0]).textContent), /^The PIN has 4/);
      await field.fill(pin);
      await page.locator(".found .code", { hasText: code }).waitFor();
      await app.save(page);
      assert.equal((await app.codes(page))[0].code, code);
    });
  });
}

test("an error in a typed account is shown at its field, which is unfolded, scrolled into view and focused", async () => {
  await person("hand-faults", async (page) => {
    await press(page, "Add");
    await press(page, "Type a key");
    const field = async (label, says) => {
      await press(page, "Show code");
      const input = page.getByLabel(label, { exact: true });
      await page.waitForFunction((says) => document.activeElement.getAttribute("aria-invalid") === "true" && document.getElementById(document.activeElement.getAttribute("aria-describedby").split(" ")[0]).textContent.includes(says), says);
      assert.equal(await input.evaluate((node) => node === document.activeElement), true, label);
      const box = await input.boundingBox();
      assert.ok(box.y >= 0 && box.y + box.height <= page.viewportSize().height - 80, `${label} is above the buttons`);
      return input;
    };
    await (await field("Service", "Give it a service or a name")).fill("Example");
    await (await field("Key", "The key is missing.")).fill("a");
    await (await field("Key", "This key is too short.")).fill("JBSW!3DP");
    await (await field("Key", "a character that no key has")).fill("JBSWY3DPEHPK3PXP");
    await page.getByText("More settings").click();
    await page.getByLabel("Digits").fill("11");
    await page.getByText("More settings").click();
    await (await field("Digits", "A code has 1 to 10 digits.")).fill("6");
    await page.getByLabel("Seconds a code").fill("0");
    await (await field("Seconds a code", "at least 1")).fill("30");
    assert.equal(await page.locator("[aria-invalid]").count(), 0);
    await press(page, "Show code");
    await app.save(page);
  }, { viewport: { width: 390, height: 640 } });
});

test("for a key in the field for links the app offers the form for keys", async () => {
  await person("bare-key", async (page) => {
    await page.clock.setFixedTime(AT);
    await paste(page, "mz5w misp ugq7 grxl it3x qp32 xfqr uyq6\n");
    await page.getByText("This is a key, not a setup link.").waitFor();
    await press(page, "Type a key: take this one");
    await page.getByRole("textbox", { name: "Service" }).fill("Example");
    await press(page, "Show code");
    await app.save(page);
    assert.equal((await app.codes(page))[0].code, "100597");
    await paste(page, "robin user1@example.org 404177");
    await page.getByText("This text is not a setup link.").waitFor();
  });
});

test("digits, period, algorithm and counter can be corrected, and a name cannot be emptied", async () => {
  await person("edit", async (page) => {
    await app.addByPaste(page, "otpauth://totp/Example:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example\notpauth://hotp/Counter:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Counter&counter=3");
    const edit = async (name) => {
      await page.getByRole("button", { name: `More for ${name}` }).click();
      await press(page, "Edit");
    };
    await edit("Example");
    await page.getByLabel("Service").fill(" ");
    await page.getByLabel("Account name").fill("\u202e");
    await press(page, "Save");
    await page.getByText("Give it a service or a name").waitFor();
    await page.getByLabel("Service").fill("Example");
    await page.getByLabel("Account name").fill("bob");
    await page.getByText("More settings").click();
    await page.getByLabel("Digits").fill("8");
    await press(page, "Save");
    await page.getByText("Saved.").last().waitFor();
    await edit("Counter");
    await page.getByText("More settings").click();
    await page.getByLabel("Counter", { exact: true }).fill("0");
    await press(page, "Save");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Counter, ann. Next code" }).click();
    await page.locator("li.row .code", { hasText: "755224" }).waitFor();
    await page.clock.setFixedTime(59_000);
    await page.reload();
    await page.locator("li.row").nth(1).waitFor();
    assert.deepEqual((await app.codes(page))[0], { issuer: "Example", account: "bob", code: "94287082" });
  });
});

test("after the first account of an unprotected vault nothing covers its code, and the footer asks for the recovery key", async () => {
  await person("first", async (page) => {
    await paste(page, text("after_words").replace("Here it is: ", ""));
    await saved(page).click();
    await page.getByText("Account saved.").last().waitFor();
    const box = await page.locator("li.row .code").boundingBox();
    const top = await page.evaluate(([x, y]) => document.elementFromPoint(x, y).closest("li.row") !== null, [box.x + box.width / 2, box.y + box.height / 2]);
    assert.ok(top, "the code is on top");
    await press(page, "Save the recovery key");
    await page.locator('.recovery-key[aria-busy="false"]').waitFor();
  });
});
