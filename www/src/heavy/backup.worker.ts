// Opens files of other apps, away from the page: a guess at a password takes seconds and up to a gigabyte. Ending the worker
// cancels what it does and gives the memory back.
import * as core from "portcullis/backup/wasm";
import wasm from "portcullis/backup.wasm?url";
import type { BackupAnswer, BackupAsk } from "./messages.ts";

declare const self: DedicatedWorkerGlobalScope;

const ready = core.init(wasm);
ready.catch(() => undefined); // Told with the first answer.

/** The file at work, and what was chosen together with it. */
let bytes = new Uint8Array();
let beside: Uint8Array[] = [];
let kdf: NonNullable<core.BackupInfo["kdf"]> | null = null;
let app = "";
/** What opened the file before: Steam's files and a person's own habit have one password for several. */
let last: { app: string; password: string } | null = null;

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code ?? (error instanceof RangeError ? "BACKUP_NO_MEMORY" : "BACKUP_BROKEN"));

/** A vault of our own, as it is or as text. */
const vaultIn = (file: Uint8Array): Uint8Array => (String.fromCharCode(...file.subarray(0, 8)) === "PTCVAULT" ? file : core.textToVault(new TextDecoder().decode(file)));

function look(): BackupAnswer {
  let info: core.BackupInfo;
  try {
    info = core.inspectBackup(bytes, { beside });
  } catch (error) {
    const code = codeOf(error);
    return code === "BACKUP_IS_VAULT" ? { is: "vault", bytes: vaultIn(bytes) } : { is: "refused", code };
  }
  app = info.app;
  kdf = info.kdf ?? null;
  if (!info.locked) return { is: "open", backup: core.readBackup(bytes, { beside }), locked: false };
  if (last?.app === app) {
    try {
      return { is: "open", backup: core.readBackup(bytes, { beside, password: last.password }), locked: true };
    } catch {
      // Another password than the file before: it is asked for.
    }
  }
  return { is: "locked", app, title: info.title, memoryKib: kdf?.memoryKib ?? 0 };
}

function probe(): BackupAnswer {
  const start = performance.now();
  const parts = core.sampleBackup(bytes, { beside });
  return { is: "lasts", ms: (performance.now() - start) * parts };
}

const MOST_KEY_FILES = 4; // each is a guess of its own

/** What may lie beside a file for it to open: for KeePass nothing, or one of the others as its key file. */
const choices = (): Uint8Array[][] => (app === "keepass" && beside.length > 0 ? [[], ...beside.slice(0, MOST_KEY_FILES).map((file) => [file])] : [beside]);

function unlock(password: string): BackupAnswer {
  let failure: unknown;
  for (const given of choices()) {
    try {
      const backup = core.readBackup(bytes, { beside: given, password });
      last = { app, password };
      return { is: "open", backup, locked: true };
    } catch (error) {
      failure = error;
      if (codeOf(error) !== "BACKUP_WRONG_PASSWORD") break;
    }
  }
  throw failure;
}

function answer(ask: BackupAsk): BackupAnswer {
  switch (ask.do) {
    case "look":
      ({ bytes, beside } = ask);
      return look();
    case "probe":
      return probe();
    case "unlock":
      return unlock(ask.password);
    case "write":
      return { is: "written", written: core.writeBackup(ask.format as "aegis", ask.items, ask.options) };
    case "losses":
      return { is: "losses", losses: core.backupLosses(ask.format, ask.items) };
    case "series":
      return { is: "series", parts: core.vaultToSeries(ask.vault, ask.vaultId) };
    case "gather":
      return { is: "gathered", ...core.seriesToVault(ask.parts) };
  }
}

self.onmessage = async ({ data }: MessageEvent<BackupAsk & { id: number }>) => {
  let said: BackupAnswer;
  try {
    await ready;
    said = answer(data);
  } catch (error) {
    said = { is: "refused", code: codeOf(error) };
  }
  self.postMessage({ ...said, id: data.id });
};
