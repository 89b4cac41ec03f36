// Does what moving.ts asks for. What files hold stays here and in the worker until it stands in the preview.
import type { Backup } from "portcullis/backup";
import type { BackupAnswer } from "../heavy/messages.ts";
import { pickFiles, picture } from "../ports/files.ts";
import { endScanner, scan } from "../ports/heavy.ts";
import { ask, end, warmUp } from "../ports/opener.ts";
import { loadPart } from "../ports/part.ts";
import { mark } from "../ports/settings.ts";
import { earlierTicks } from "../ports/ticks.ts";
import { attempt, refreshCodes } from "./attempt.ts";
import * as backups from "./backups.ts";
import type { Emit, Left, Words } from "./model.ts";
import { moving } from "./moving.ts";
import type { Carry, Moving } from "./movingTypes.ts";
import { called } from "./names.ts";
import { type Beside, foundIn, leftOut, linksIn } from "./reading.ts";
import * as session from "./session.ts";
import { learn } from "./state.ts";

learn(moving);

const MOST_BYTES = 64 << 20; // what the reader takes; no more is even read from the disk
const MOST_BESIDE = 1 << 20; // a key file or Steam's list is far smaller
const MOST_SOURCE = 16_384; // characters of an original that a vault takes
const TIGHT_KIB = 256 << 10; // over this a phone may end the page without a word

/** Files that are being opened, one after the other. */
interface Job {
  files: File[];
  now: number;
  /** Whose codes are to be taken once there is a vault: until then only our own backups are opened. */
  look: boolean;
  opened: { backup: Backup; locked: boolean; file: File }[];
  /** Texts of QR codes in pictures among the files. */
  texts: string[];
  left: Left[];
  /** Files that were refused, with the reason: some of them turn out to belong to others. */
  refused: { file: File; code: string }[];
  /** The file at work asks for much memory. */
  tight: boolean;
}
let job: Job | null = null;

function stop(): void {
  job = null;
  end();
  endScanner();
  mark(null);
}

const MAGIC: readonly number[][] = [[0x89, 0x50, 0x4e, 0x47], [0xff, 0xd8, 0xff], [0x47, 0x49, 0x46, 0x38], [0x42, 0x4d]];

/** Whether a file begins as pictures do. */
async function isPicture(file: File): Promise<boolean> {
  const head = new Uint8Array(await file.slice(0, 16).arrayBuffer());
  const at = (from: number, text: string): boolean => String.fromCharCode(...head.subarray(from, from + text.length)) === text;
  return MAGIC.some((magic) => magic.every((byte, place) => head[place] === byte)) || (at(0, "RIFF") && at(8, "WEBP")) || at(4, "ftypheic") || at(4, "ftypavif") || at(4, "ftypmif1");
}

async function openFiles(files: File[], look: boolean, emit: Emit): Promise<void> {
  stop();
  warmUp();
  const mine: Job = (job = { files, now: 0, look, opened: [], texts: [], left: [], refused: [], tight: false });
  const pictures = await Promise.all(files.map((file) => isPicture(file).catch(() => false)));
  if (job !== mine) return;
  if (pictures.every(Boolean)) {
    job = null;
    end();
    // Alone they are what a camera sees: an export in parts waits for the others.
    return look ? emit(of({ type: "files wait", names: files.map(({ name }) => name) })) : emit({ type: "pictures given", files });
  }
  await proceed(mine, emit);
}

const of = (is: Moving) => ({ type: "moving", is }) as const;

/** Goes on with the file at work, until one asks for its password or all are read. */
async function proceed(mine: Job, emit: Emit): Promise<void> {
  const names = mine.files.map(({ name }) => name);
  while (mine.now < mine.files.length) {
    const file = mine.files[mine.now] as File;
    emit(of({ type: "reading", names, now: mine.now }));
    const answer = await looked(mine, file);
    if (job !== mine) return;
    if (answer?.is === "vault" && mine.files.length === 1) return vaultFound(file.name, answer.bytes, emit);
    if (mine.look && (answer?.is === "open" || answer?.is === "locked")) return emit(of({ type: "files wait", names }));
    if (answer?.is === "locked") {
      const tight = (mine.tight = answer.memoryKib > TIGHT_KIB);
      emit(of({ type: "locked file", lock: { title: answer.title, memoryKib: answer.memoryKib, tight } }));
      // While the password is being typed.
      const lasts = await ask({ do: "probe" });
      if (job === mine && lasts.is === "lasts") emit(of({ type: "lasts", ms: lasts.ms }));
      return;
    }
    if (answer) take(mine, file, answer);
    mine.now += 1;
  }
  await finish(mine, emit);
}

/** What the file is; null for a picture, whose texts are kept for the end. */
async function looked(mine: Job, file: File): Promise<BackupAnswer | null> {
  if (file.size > MOST_BYTES) return { is: "refused", code: "BACKUP_TOO_LARGE" };
  if (await isPicture(file).catch(() => false)) {
    const bitmap = await picture(file);
    const texts = bitmap ? await scan(bitmap, false) : [];
    mine.texts.push(...texts);
    if (texts.length === 0) mine.left.push({ title: file.name, why: { key: bitmap ? "left.picture" : "left.unreadable" }, file: true });
    return null;
  }
  try {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const others = mine.files.filter((other) => other !== file && other.size <= MOST_BESIDE);
    const beside = await Promise.all(others.map(async (other) => new Uint8Array(await other.arrayBuffer())));
    return await ask({ do: "look", bytes, beside }, [bytes.buffer]);
  } catch {
    return { is: "refused", code: "FILE_UNREADABLE" }; // A folder, or a file that its app took back.
  }
}

function take(mine: Job, file: File, answer: BackupAnswer): void {
  if (answer.is === "open") mine.opened.push({ backup: answer.backup, locked: answer.locked, file });
  else if (answer.is === "vault") mine.refused.push({ file, code: "VAULT_ALONE" });
  else if (answer.is === "refused") mine.refused.push({ file, code: file.type.startsWith("image/") && answer.code === "BACKUP_UNKNOWN" ? "unreadable" : answer.code });
}

async function tryPassword(typed: string, emit: Emit): Promise<void> {
  const mine = job;
  const file = mine?.files[mine.now];
  if (!mine || !file) return;
  if (mine.tight) mark(`${file.name}, ${Math.ceil(file.size / 1000)} kB`);
  const answer = await ask({ do: "unlock", password: typed });
  mark(null);
  if (job !== mine) return;
  if (answer.is === "refused" && answer.code === "BACKUP_WRONG_PASSWORD") return emit(of({ type: "not opened", note: { key: "fault.BACKUP_WRONG_PASSWORD" } }));
  take(mine, file, answer);
  mine.now += 1;
  await proceed(mine, emit);
}

async function skip(emit: Emit): Promise<void> {
  const mine = job;
  const file = mine?.files[mine.now];
  if (!mine || !file) return;
  mine.refused.push({ file, code: "SKIPPED" });
  mine.now += 1;
  await proceed(mine, emit);
}

/** All files are read: what they hold together, each with what came beside it. */
async function finish(mine: Job, emit: Emit): Promise<void> {
  end();
  const entries = mine.opened.flatMap(({ backup }) => backup.entries.map((entry) => ({ entry, from: backup.entries })));
  const links = await linksIn(mine.texts);
  if (job !== mine) return;
  job = null;
  const items = foundIn([...entries.map(({ entry }) => entry.account), ...links.accounts], links.needsPin.map((need) => ({ ...need, account: need.account + entries.length })));
  entries.forEach(({ entry, from }, at) => {
    const item = items[at];
    if (!item) return;
    const { note, tags, pinned, trashed, changes, duplicateOf } = entry;
    const earlier = duplicateOf === undefined ? undefined : from[duplicateOf];
    item.beside = { note, tags, pinned, trashed } satisfies Beside;
    item.changed = [...changes.map(({ code }) => ({ key: `changed.${code}` })), ...(trashed ? [{ key: "changed.trashed" }] : [])];
    if (earlier) Object.assign(item, { twice: called(earlier.account), take: false, kin: [] });
  });
  const left = [...refusals(mine), ...mine.left, ...links.left, ...mine.opened.flatMap(({ backup }) => leftOf(backup))];
  emit(of({ type: "files read", items, left, said: mine.opened.flatMap(saidOf) }));
}

/** Files without an account, each with the reason; what only opens another one, and did, needs none. */
function refusals({ refused, opened, files }: Job): Left[] {
  const steam = opened.some(({ backup }) => backup.app === "steam");
  const keepass = opened.some(({ backup }) => backup.app === "keepass");
  const helped = (code: string): boolean => (steam && code === "BACKUP_STEAM_FILES") || (keepass && code === "BACKUP_UNKNOWN" && files.length > 1);
  return refused.filter(({ code }) => !helped(code)).map(({ file, code }) => ({ title: file.name, why: { key: `fault.${code}`, vars: { code } }, file: true }));
}

function leftOf(backup: Backup): Left[] {
  const kept = backups.originals();
  const left = backup.refused.map(({ issuer, name, code, source }): Left => {
    const original = source === undefined || source.length > MOST_SOURCE || kept.has(source) ? undefined : { issuer, name, source };
    return { title: issuer || name ? called({ issuer, name }) : "", why: leftOut(code), ...(original ? { original } : {}) };
  });
  const { missing } = backup;
  return missing.length === 0 ? left : [...left, { title: "", why: { key: "left.parts", vars: { count: missing.length, missing: missing.join(", ") } } }];
}

/** What a person should know of the file itself. */
function saidOf({ backup, locked, file }: Job["opened"][number]): Words[] {
  const { passwords, withoutCode } = backup;
  const said: Words[] = [];
  if (passwords > 0) said.push({ key: locked ? "said.passwords.locked" : "said.passwords", vars: { count: passwords, name: file.name } });
  if (withoutCode > 0) said.push({ key: "said.withoutcode", vars: { count: withoutCode } });
  return said;
}

async function vaultFound(name: string, bytes: Uint8Array, emit: Emit): Promise<void> {
  stop();
  emit(of({ type: "vault given", name, info: await backups.readBackup(bytes) }));
}

/** Counters of a backup may be behind those that the websites expect. */
const COUNTER: Words = { key: "changed.BACKUP_CHANGED_COUNTER_MAY_LAG" };

async function readTicks(emit: Emit): Promise<void> {
  if (!session.isOpen()) return;
  const earlier = earlierTicks();
  const ticked = [...new Set([...session.ticks(), ...earlier])];
  emit(of({ type: "ticks", ticked }));
  if (earlier.length === 0) return;
  await session.keepTicks(ticked).catch(() => undefined); // They are on the screen, and stored with the next tick.
}

/** Does it; what comes of it comes back as an event. */
export function carry(effect: Carry, emit: Emit): Promise<void> | void {
  const notOpened = (note: Words) => of({ type: "not opened", note });
  const notSaved = (note: Words) => ({ type: "not saved", view: session.isOpen() ? session.view() : null, note }) as const;
  switch (effect.do) {
    case "fetch":
      return emit(of(effect.event)); // The chapter is here: this very file brought it.
    case "read ticks":
      return readTicks(emit);
    case "keep ticks":
      // Before there is a vault, a tick lasts as long as the sheet: what a person has is nobody's business but the vault's.
      return session.isOpen() ? attempt(() => session.keepTicks(effect.ticked), notSaved, emit) : undefined;
    case "choose files":
      warmUp();
      return pickFiles().then((files) => {
        if (files.length > 0) emit(of({ type: "files given", files }));
      });
    case "open files":
      return attempt(() => openFiles(effect.files as File[], effect.look, emit), notOpened, emit);
    case "try password":
      return attempt(() => tryPassword(effect.typed, emit), notOpened, emit);
    case "skip file":
      return attempt(() => skip(emit), notOpened, emit);
    case "stop":
      return stop();
    case "adopt":
      return attempt(
        async () => {
          const { view, kept } = await backups.adoptBackup(effect.method, effect.typed);
          const counters = view.entries.filter(({ kind }) => kind === "hotp").map((entry): Left => ({ title: called(entry), why: COUNTER }));
          emit({ type: "opened", view, older: false, loose: !kept });
          emit(of({ type: "adopted", counters }));
          refreshCodes(emit, view);
        },
        notOpened,
        emit,
      );
    default:
      return loadPart(
        () => import("./leavingEffects.ts"),
        ({ away }) => away(effect, emit),
        () => emit(of({ type: "leave failed", note: { key: "fault.NOT_HERE" } })),
      );
  }
}
