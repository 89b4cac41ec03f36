#!/usr/bin/env node
// portcullis: codes, addresses and QR codes on the command line. 0: done; 1: the input was refused; 2: wrong usage.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { code, formatUri, parseUri } from "../otp/inline.js";

const HELP = `portcullis: one-time codes on the command line

  portcullis code [--file FILE] [--at TIME] [--json]   the code of each account
  portcullis uri  [--file FILE] [--json]               the settings in each otpauth address
  portcullis qr   IMAGE... [--json]                    the text of every QR code in PNG, PPM or PGM pictures
  portcullis open FILE [--codes] [--json]              what a backup of any authenticator app holds, encrypted ones too

Accounts are read from standard input, or from --file, one a line: an otpauth:// address, a bare base32
secret, or an account as JSON. They are never taken as arguments, which every program on this computer can see.

  portcullis qr screenshot.png | portcullis code     a code from the picture of a QR code
  portcullis code --file accounts.txt                one line each: the code, the seconds it has left, the account
  portcullis uri --file accounts.txt --json          the accounts as JSON, one a line; they hold the secrets
  portcullis open aegis.json --codes                 each account with its code now; a password is asked for

  -f, --file FILE  read FILE; "-" is standard input
  --at TIME        the code of another time: milliseconds since 1970, or a date such as 2026-11-24T17:00:00Z
  --codes          show codes
  --password-file FILE   the password of a backup is the first line of FILE; never an argument
  --beside FILE    what belongs to a backup: a KeePass key file, Steam's manifest.json
  --uris --yes     print every account as an otpauth:// address: these hold the secrets
  --json           one JSON object a line, for scripts
  -h, --help, --version

Exit status: 0 when all was done, 1 when an input was refused (what and why stands on standard error), 2 for wrong usage.`;

class Usage extends Error {}
/** The input was refused. It is printed without a stack. */
class Refusal extends Error {}

/** The options of each command besides --json. */
const TAKES = { code: ["file", "at"], uri: ["file"], qr: [], open: ["codes", "password-file", "beside", "uris", "yes"] };

const commands = {
  async code(options, files) {
    none(files);
    const at = options.at === undefined ? undefined : time(options.at);
    const found = await lines(options);
    const nowMs = at ?? Date.now(); // Read after the input, which a person may type slowly.
    return each(found, (line) => {
      const account = read(line);
      const { text, validUntilMs } = code(account, nowMs);
      const { issuer = "", name = "" } = account;
      if (options.json) return JSON.stringify({ code: text, ...(validUntilMs && { validUntilMs }), issuer, name });
      const left = validUntilMs ? `${Math.ceil((validUntilMs - nowMs) / 1000)} s` : `no. ${account.counter ?? 0}`;
      return [text.padEnd(8), left.padEnd(6), shown([issuer, name].filter(Boolean).join(": "))].join("  ").trimEnd();
    });
  },

  async uri(options, files) {
    none(files);
    return each(await lines(options), (line) => {
      // `formatUri` checks every field.
      const full = parseUri(formatUri(read(line)));
      if (options.json) return JSON.stringify(full);
      const { kind, issuer, name, algorithm, digits, periodSecs, counter } = full;
      const pace = counter === undefined ? `every ${periodSecs} s` : `by a counter, now ${counter}`;
      return `${shown([issuer, name].filter(Boolean).join(": ")) || "(no name)"}: ${kind}, ${algorithm}, ${digits} characters, ${pace}`;
    });
  },

  async qr(options, files) {
    if (files.length === 0) throw new Usage("Which picture? For example: portcullis qr screenshot.png");
    const { readQr } = await import("../qr/inline.js");
    const { decode, PictureError } = await import("./picture.mjs");
    return each(files, async (file) => {
      let found;
      try {
        found = readQr(decode(file === "-" ? await standardInput() : readFileSync(file)));
      } catch (error) {
        if (error instanceof PictureError || error.name === "PortcullisError") throw error;
        throw new Error(`${file} cannot be read (${error.code ?? "unknown error"}).`);
      }
      if (found.length === 0) throw new Error(`There is no readable QR code in ${file}.`);
      return options.json ? JSON.stringify({ file, texts: found }) : found.map(shown).join("\n");
    });
  },
};

/** Imported only when used, because its wasm is the largest. */
commands.open = async (options, files) => (await import("./open.mjs")).open(options, files, { shown, print, Refusal, Usage });

/** A text from the input, for a terminal: control characters are replaced, so that they cannot change the terminal. */
const shown = (text) => text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");

/** Works through a list. Prints each result, and each error with the item's number. Returns 1 if there was an error. */
async function each(list, work) {
  let refused = 0;
  for (const [index, item] of list.entries()) {
    let line;
    try {
      line = await work(item);
    } catch (error) {
      refused++;
      // The message never contains the input, which may hold a secret.
      console.error(`portcullis: ${list.length > 1 ? `no. ${index + 1}: ` : ""}${error.message}${error.code ? ` [${error.code}]` : ""}`);
      continue;
    }
    await print(line);
  }
  return refused === 0 ? 0 : 1;
}

function none(files) {
  if (files.length > 0) {
    throw new Usage("Accounts are not taken as arguments, because other programs can see arguments.\nGive them on standard input or with --file.");
  }
}

/** Waits until the line is written, so that a slow reader gets everything and a full disk is an error. */
const print = (line) => new Promise((done, broken) => process.stdout.write(`${line}\n`, (error) => (error ? broken(error) : done())));

/** Not `readFileSync(0)`, which fails on a terminal and on a pipe that is still empty. */
async function standardInput() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The lines of the input that hold an account. */
async function lines({ file = "-" }) {
  if (file === "-" && process.stdin.isTTY) console.error("Paste one account a line, then press Ctrl-D.");
  let text;
  try {
    text = (file === "-" ? await standardInput() : readFileSync(file)).toString("utf8");
  } catch (error) {
    throw new Usage(`${file === "-" ? "Standard input" : file} cannot be read (${error.code}).`);
  }
  const found = text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  if (found.length === 0) throw new Usage("There is no account in the input. Write one on each line.");
  return found;
}

function read(line) {
  if (line.startsWith("{")) {
    let account;
    try {
      account = JSON.parse(line);
    } catch {
      throw new Error("This line begins like JSON but is not valid JSON.");
    }
    if (typeof account.secret !== "string") throw new Error('The account has no "secret", or its secret is not a string.');
    return account;
  }
  if (/^otpauth-migration:/i.test(line)) throw new Error("This is a whole export of Google Authenticator. Open it in the Portcullis authenticator, or with portcullis/migration.");
  return line.includes(":") ? parseUri(line) : { secret: line };
}

function time(at) {
  // `Date.parse` alone would read "-5" as a day in May.
  const ms = /^\d+$/.test(at) ? Number(at) : /^\d{4}-\d\d-\d\d/.test(at) ? Date.parse(at) : NaN;
  if (!Number.isFinite(ms)) throw new Usage("--at takes milliseconds since 1970 or a date such as 2026-11-24T17:00:00Z.");
  return ms;
}

async function main() {
  let parsed;
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: {
        file: { type: "string", short: "f" },
        at: { type: "string" },
        "password-file": { type: "string" },
        beside: { type: "string", multiple: true },
        codes: { type: "boolean" },
        uris: { type: "boolean" },
        yes: { type: "boolean" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
        version: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new Usage(error.message.split(". ")[0]);
  }
  const { values, positionals: [name, ...files] } = parsed;
  if (values.version) return console.log(JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version);
  if (values.help || name === undefined || name === "help") {
    console.log(HELP);
    return name === undefined && !values.help ? 2 : 0;
  }
  if (!Object.hasOwn(commands, name)) throw new Usage("There is no such command. The commands are code, uri, qr and open.");
  const foreign = Object.keys(values).find((option) => option !== "json" && !TAKES[name].includes(option));
  if (foreign) throw new Usage(`${name} takes no --${foreign}.${name === "qr" && foreign === "file" ? " The pictures follow it: portcullis qr screenshot.png" : ""}`);
  return commands[name](values, files);
}

process.stdout.on("error", () => {}); // `print` reports it.

try {
  process.exitCode = (await main()) ?? 0;
} catch (error) {
  if (error instanceof Usage) {
    console.error(`portcullis: ${error.message}\nportcullis --help tells more.`);
    process.exitCode = 2;
  } else if (error instanceof Refusal || error.name === "PortcullisError") {
    // The message never contains the input, which may hold a secret.
    console.error(`portcullis: ${error.message}${error.code ? ` [${error.code}]` : ""}`);
    process.exitCode = 1;
  } else if (error.syscall === "write") {
    // EPIPE: the reader, such as `head`, wants no more. That is not an error to report.
    if (error.code !== "EPIPE") console.error(`portcullis: the output cannot be written (${error.code}).`);
    process.exitCode = 1;
  } else throw error;
}
