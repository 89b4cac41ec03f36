// `portcullis open FILE`: lists the accounts in the backup of any app. It prints secrets only with --uris --yes.
import { readFileSync } from "node:fs";

import { code, formatUri } from "../otp/inline.js";

/** Reads the bytes of a file; throws a Refusal if that fails. */
function bytes(file, Refusal) {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (error) {
    throw new Refusal(`${file} cannot be read (${error.code ?? "unknown error"}).`);
  }
}

/** A password: the first line of --password-file, else typed at the terminal, where it is not shown. */
async function ask(whose, { "password-file": file }, Refusal) {
  if (file !== undefined) return new TextDecoder().decode(bytes(file, Refusal)).split(/\r?\n/)[0];
  const { stdin, stderr } = process;
  if (!stdin.isTTY) throw new Refusal(`The file needs a password: ${whose}. Give it with --password-file, or at a terminal.`);
  // Set before the prompt, so that the terminal shows nothing of what is typed at once.
  stdin.setRawMode(true);
  stderr.write(`Password of ${whose}: `);
  try {
    let typed = "";
    for await (const chunk of stdin) {
      for (const letter of String(chunk)) {
        if (letter === "\r" || letter === "\n") return typed;
        if (letter === "\u0003" || letter === "\u0004") throw new Refusal("No password was given.");
        typed = letter === "\u007f" || letter === "\b" ? typed.slice(0, -1) : typed + letter;
      }
    }
    return typed;
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  }
}

/** Opens a Portcullis vault; the result has the form of any other backup. */
async function openVault(file, options, Refusal) {
  const [{ readLocked, recoveryKeyBytes, unlock }, { stretch }] = await Promise.all([import("../vault/inline.js"), import("../kdf/inline.js")]);
  const { slots } = readLocked(file);
  const [passphrase, recovery] = ["passphrase", "recovery"].map((kind) => slots.find((slot) => slot.kind === kind));
  if (!passphrase && !recovery) throw new Refusal("Only the device that made this vault can open it.");
  const typed = await ask(passphrase ? "the Portcullis vault" : "the Portcullis vault (its recovery key)", options, Refusal);
  const key = passphrase ? stretch(typed, passphrase.kdf) : recoveryKeyBytes(typed);
  const vault = unlock(file, (passphrase ?? recovery).id, key);
  try {
    const entry = (shown, trashed) => ({ account: vault.exportAccount(shown.id), trashed, changes: [] });
    const entries = [...vault.entries().map((shown) => entry(shown, false)), ...vault.trash().map((shown) => entry(shown, true))];
    return { title: "Portcullis", entries, refused: [], missing: [], passwords: 0, withoutCode: 0 };
  } finally {
    vault.free();
  }
}

async function read(file, options, Refusal) {
  const { readBackup, inspectBackup, textToVault } = await import("../backup/inline.js");
  const beside = (options.beside ?? []).map((other) => bytes(other, Refusal));
  let info;
  try {
    info = inspectBackup(file, { beside });
  } catch (error) {
    if (error.code !== "BACKUP_IS_VAULT") throw error;
    const vault = String.fromCharCode(...file.subarray(0, 8)) === "PTCVAULT" ? file : textToVault(new TextDecoder().decode(file));
    return openVault(vault, options, Refusal);
  }
  if (!info.locked) return readBackup(file, { beside });
  return readBackup(file, { beside, password: await ask(info.title, options, Refusal) });
}

/** Prints the accounts in a file. Returns 1 when something was refused or is missing. */
export async function open(options, [path, ...more], { shown, print, Refusal, Usage }) {
  if (path === undefined) throw new Usage("Which file? For example: portcullis open backup.json");
  if (more.length > 0) throw new Usage("Give one file at a time. Files that belong to it are given with --beside.");
  if (options.uris && !options.yes) throw new Usage("--uris prints the secrets of all accounts: add --yes if nobody else sees this terminal.");
  const backup = await read(bytes(path, Refusal), options, Refusal);
  const { entries, refused, missing, passwords, withoutCode, title } = backup;
  const label = ({ issuer, name }) => shown([issuer, name].filter(Boolean).join(": ")) || "(no name)";
  for (const { account, trashed, changes, duplicateOf } of entries) {
    const now = options.codes ? code(account, Date.now()).text : undefined;
    if (options.uris) await print(formatUri(account));
    else if (options.json) {
      const { issuer, name, kind } = account;
      await print(JSON.stringify({ issuer, name, kind, ...(now && { code: now }), trashed, changes: changes.map((c) => c.code), duplicateOf }));
    } else {
      const notes = [trashed && "in the bin", duplicateOf !== undefined && `same as no. ${duplicateOf + 1}`, ...changes.map((c) => c.reason)];
      await print([now?.padEnd(8), label(account), ...notes.filter(Boolean).map((note) => `(${note})`)].filter(Boolean).join("  "));
    }
  }
  for (const entry of refused) console.error(`portcullis: not taken: ${label(entry)}: ${entry.reason} [${entry.code}]`);
  if (missing.length > 0) console.error(`portcullis: QR codes of this export that are missing: ${missing.join(", ")}`);
  console.error(`${title}: ${entries.length} taken, ${refused.length} refused${withoutCode ? `, ${withoutCode} without a code` : ""}.`);
  if (passwords > 0) console.error(`This file holds ${passwords} passwords in plain text once it is open. Delete it when you no longer need it.`);
  return refused.length + missing.length === 0 ? 0 : 1;
}
