// The command line program of the packed tarball: what it prints, where, and its exit status.
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, writeFileSync } from "node:fs";
import { before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { deflateSync } from "node:zlib";

import { consumer } from "./consumer.mjs";

const PROGRAM = "node_modules/portcullis/bin/portcullis.mjs";
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const URI = "otpauth://totp/Example:ann?secret=JBSWY3DPEHPK3PXP&issuer=Example";

let app;
before(async () => {
  app = await consumer("cli", {
    "draw.mjs": `import { drawQr } from "portcullis/qr"; process.stdout.write(drawQr(${JSON.stringify(URI)}));`,
    "accounts.txt": `# mine\n${URI}\n\n${SECRET}\n`,
  });
});

function portcullis(args, input = "") {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { cwd: app.folder, input, encoding: "utf8" });
  return { status, stdout, stderr };
}

test("a code from standard input, for people", () => {
  assert.deepEqual(portcullis(["code", "--at", "59000"], URI), { status: 0, stdout: "996554    1 s     Example: ann\n", stderr: "" });
});

test("codes from a file, for scripts", () => {
  const { status, stdout } = portcullis(["code", "--file", "accounts.txt", "--at", "1970-01-01T00:00:59Z", "--json"]);
  assert.equal(status, 0);
  assert.deepEqual(stdout.trim().split("\n").map(JSON.parse), [
    { code: "996554", validUntilMs: 60_000, issuer: "Example", name: "ann" },
    { code: "287082", validUntilMs: 60_000, issuer: "", name: "" },
  ]);
});

test("the code of a hotp account has its counter", () => {
  const account = JSON.stringify({ kind: "hotp", secret: SECRET, counter: 3 });
  assert.equal(portcullis(["code"], account).stdout, "969429    no. 3\n");
});

test("a bad line does not stop the others; it is reported by its number, without its text", () => {
  const { status, stdout, stderr } = portcullis(["code", "--at", "59000"], `${SECRET}\nHUSH1HUSH\n${SECRET}`);
  assert.equal(status, 1);
  assert.equal(stdout.trim().split("\n").length, 2);
  assert.match(stderr, /^portcullis: no\. 2: .* \[OTP_BAD_BASE32\]\n$/);
  assert.doesNotMatch(stderr, /HUSH/);
});

test("the settings of an address without its secret, and as JSON with it", () => {
  assert.equal(portcullis(["uri"], URI).stdout, "Example: ann: totp, SHA1, 6 characters, every 30 s\n");
  assert.equal(JSON.parse(portcullis(["uri", "--json"], URI).stdout).secret, "JBSWY3DPEHPK3PXP");
});

test("control characters are not printed", () => {
  const { stdout } = portcullis(["uri"], "otpauth://totp/a%1B%5D0;owned%07?secret=JBSWY3DPEHPK3PXP");
  assert.doesNotMatch(stdout.trim(), /[\u0000-\u001f]/);
});

test("an account as an argument is refused and not printed", () => {
  const { status, stdout, stderr } = portcullis(["code", URI]);
  assert.equal(status, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /not taken as arguments/);
  assert.doesNotMatch(stderr, /JBSWY/);
});

test("it waits for late input, as in a pipe with a slow command", async () => {
  const child = spawn(process.execPath, [PROGRAM, "code", "--at", "59000"], { cwd: app.folder });
  let seen = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (seen += text));
  await sleep(500); // The program is reading its input by then. On a slow machine the test passes anyway.
  child.stdin.end(URI);
  const [status] = await once(child, "close");
  assert.deepEqual({ status, seen }, { status: 0, seen: "996554    1 s     Example: ann\n" });
});

test("on a terminal it asks for accounts and reads until Ctrl-D", { skip: !existsSync("/usr/bin/script") && "no script(1) to make a terminal with" }, () => {
  const typed = `(sleep 1; echo ${SECRET}; sleep 1; printf '\\004') | script -qec '"${process.execPath}" ${PROGRAM} code --at 59000' /dev/null`;
  const seen = execFileSync("sh", ["-c", typed], { cwd: app.folder, encoding: "utf8" });
  assert.match(seen, /Paste one account a line, then press Ctrl-D\.[^]*287082 {4}1 s/);
});

test("it ends without a message when the reader of its output, such as head, has ended", async () => {
  writeFileSync(app.file("many.txt"), `${SECRET}\n`.repeat(20_000));
  const child = spawn(process.execPath, [PROGRAM, "code", "--file", "many.txt"], { cwd: app.folder, stdio: ["ignore", "pipe", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  child.stdout.once("data", () => child.stdout.destroy());
  const [status] = await once(child, "exit");
  assert.deepEqual({ status, stderr }, { status: 1, stderr: "" });
});

test("a full disk is an error", { skip: !existsSync("/dev/full") && "no /dev/full on this machine" }, () => {
  const full = openSync("/dev/full", "w");
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM, "code"], { cwd: app.folder, input: SECRET, stdio: ["pipe", full, "pipe"], encoding: "utf8" });
  closeSync(full);
  assert.deepEqual({ status, stderr }, { status: 1, stderr: "portcullis: the output cannot be written (ENOSPC).\n" });
});

test("JSON without a secret, and a whole export, get a helpful message", () => {
  for (const [input, wanted] of [['{"name":"ann"}', /no "secret"/], ['{"secret":5}', /no "secret"/], ["{", /begins like JSON/], ["otpauth-migration://offline?data=CgA", /portcullis\/migration/]]) {
    const { status, stderr } = portcullis(["code"], input);
    assert.equal(status, 1);
    assert.match(stderr, wanted);
  }
});

for (const [args, wanted] of [[["code", "--when"], /--help/], [["code", "--at=-5", "--file", "accounts.txt"], /--at takes/], [["uri", "--at", "5"], /uri takes no --at/], [["qr", "--file", "x.png"], /portcullis qr screenshot\.png/], [["dance"], /no such command/], [["qr"], /Which picture/], [["code", "--file", "absent"], /cannot be read \(ENOENT\)/], [["code"], /no account/], [["code", "--at", "soon", "--file", "accounts.txt"], /--at takes/]]) {
  test(`wrong usage exits with 2: ${args.join(" ")}`, () => {
    const { status, stderr } = portcullis(args);
    assert.equal(status, 2);
    assert.match(stderr, wanted);
  });
}

test("--help has examples and exits with 0", () => {
  const { status, stdout } = portcullis(["--help"]);
  assert.equal(status, 0);
  assert.match(stdout, /portcullis qr screenshot\.png \| portcullis code/);
});

/** A QR code in grey pixels, from the package's own drawing: one square of the SVG's path is `scale` pixels. */
function pixels(svg, scale) {
  const side = Number(/viewBox="0 0 (\d+)/.exec(svg)[1]);
  const grey = new Uint8Array((side * scale) ** 2).fill(255);
  for (const [, x, y, run] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let py = y * scale; py < (Number(y) + 1) * scale; py++) grey.fill(0, py * side * scale + x * scale, py * side * scale + (Number(x) + Number(run)) * scale);
  }
  return { size: side * scale, grey };
}

const chunk = (name, body) => {
  const out = Buffer.alloc(12 + body.length);
  out.writeUInt32BE(body.length, 0);
  out.write(name, 4, "latin1");
  Buffer.from(body).copy(out, 8);
  return out; // The decoder ignores the checksum.
};

/** One picture as PNG files in several forms of the standard, with all filters in turn. */
function pngs({ size, grey }) {
  const file = (depth, colour, rows, more = []) => {
    const header = Buffer.alloc(13);
    header.writeUInt32BE(size, 0);
    header.writeUInt32BE(size, 4);
    header.set([depth, colour], 8);
    return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", header), ...more, chunk("IDAT", deflateSync(Buffer.concat(rows))), chunk("IEND", [])]);
  };
  const row = (y) => grey.subarray(y * size, (y + 1) * size);
  const ys = [...Array(size).keys()];
  const filtered = (bytes, above, filter, back) => bytes.map((value, i) => {
    const [a, b, c] = [i >= back ? bytes[i - back] : 0, above[i] ?? 0, i >= back ? (above[i - back] ?? 0) : 0];
    const p = a + b - c;
    const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
    return value - [0, a, b, (a + b) >> 1, pa <= pb && pa <= pc ? a : pb <= pc ? b : c][filter];
  });
  const lines = (each, back) => ys.map((y) => Buffer.from([y % 5, ...filtered(each(y), y ? each(y - 1) : [], y % 5, back)]));
  const bits = (y) => {
    const out = new Uint8Array(Math.ceil(size / 8));
    row(y).forEach((value, x) => (out[x >> 3] |= (value ? 1 : 0) << (7 - (x & 7))));
    return out;
  };
  return {
    "grey, 8 bits": file(8, 0, lines(row, 1)),
    "grey, 1 bit": file(1, 0, lines(bits, 1)),
    "colour, 8 bits": file(8, 2, lines((y) => Uint8Array.from([...row(y)].flatMap((value) => [value, value, value])), 3)),
    "colour with alpha": file(8, 6, lines((y) => Uint8Array.from([...row(y)].flatMap((value) => [0, 0, 0, 255 - value])), 4)),
    "palette, 1 bit": file(1, 3, lines(bits, 1), [chunk("PLTE", [0, 0, 0, 255, 255, 255])]),
    "grey, 16 bits": file(16, 0, lines((y) => Uint8Array.from([...row(y)].flatMap((value) => [value, value])), 2)),
  };
}

test("qr reads PNG in every usual form, and PGM", async () => {
  const picture = pixels(await app.run(process.execPath, ["draw.mjs"]), 6);
  const files = { ...pngs(picture), pgm: Buffer.concat([Buffer.from(`P5\n# one\n${picture.size} ${picture.size}\n255\n`), picture.grey]) };
  for (const [name, bytes] of Object.entries(files)) {
    writeFileSync(app.file("picture"), bytes);
    assert.deepEqual({ name, ...portcullis(["qr", "picture"]) }, { name, status: 0, stdout: `${URI}\n`, stderr: "" });
  }
  const { stdout } = portcullis(["qr", "picture", "--json"]);
  assert.deepEqual(JSON.parse(stdout), { file: "picture", texts: [URI] });
});

test("qr reports pictures that it cannot read", () => {
  const cases = {
    "a JPEG": [Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 0, 0]), /neither a PNG nor a PPM or PGM/],
    "a PNG that is cut off": [Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\0\0\0\0\0", "latin1"), /cut off/],
    "a PNG that would be huge": [Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", [0x7f, 255, 255, 255, 0x7f, 255, 255, 255, 8, 0, 0, 0, 0])]), /megapixels/],
    "a white picture": [Buffer.concat([Buffer.from("P5 64 64 255\n"), Buffer.alloc(4096, 255)]), /no readable QR code/],
    "nothing": [Buffer.alloc(0), /neither a PNG/],
  };
  for (const [name, [bytes, wanted]] of Object.entries(cases)) {
    writeFileSync(app.file("picture"), bytes);
    const { status, stderr } = portcullis(["qr", "picture"]);
    assert.equal(status, 1, name);
    assert.match(stderr, wanted, name);
  }
});
