import { stop as stopCamera, mayStart, watch } from "../ports/camera.ts";
import { copy } from "../ports/clipboard.ts";
import { download, pick, picture } from "../ports/files.ts";
import { endScanner, scan } from "../ports/heavy.ts";
import { install, updateNow } from "../ports/install.ts";
import { keepSettings } from "../ports/settings.ts";
import { StorageError } from "../ports/storage.ts";
import { claim } from "../ports/tabs.ts";
import type { Account, Effect, Emit, Words } from "./model.ts";
import { drawn, fromTexts, fromAccount, fromParts, previews } from "./reading.ts";
import * as session from "./session.ts";

let codesTimer: ReturnType<typeof setTimeout> | undefined;
let previewTimer: ReturnType<typeof setTimeout> | undefined;

/** The sentence for a failure; what it is about is never part of it. */
export function wordsFor(error: unknown): Words {
  if (error instanceof StorageError) return { key: `storage.${error.fault}` };
  const code = (error as { code?: unknown })?.code;
  const group = (error as { group?: unknown })?.group;
  if (code === "VAULT_RECOVERY_KEY_TYPO" && typeof group === "number") return { key: "fault.VAULT_RECOVERY_KEY_TYPO", vars: { group } };
  return typeof code === "string" ? { key: `fault.${code}`, vars: { code } } : { key: "fault.unknown" };
}

/** Shows the codes again when the first of them runs out. */
function refreshCodes(emit: Emit): void {
  clearTimeout(codesTimer);
  let codes;
  try {
    ({ codes } = session.view());
  } catch {
    return; // Locked meanwhile.
  }
  emit({ type: "codes", codes });
  const until = Math.min(...codes.map(({ validUntilMs }) => validUntilMs));
  if (Number.isFinite(until)) codesTimer = setTimeout(() => refreshCodes(emit), Math.min(Math.max(until - Date.now(), 0) + 5, 60_000));
}

async function preview(accounts: Account[], emit: Emit): Promise<void> {
  clearTimeout(previewTimer);
  const now = await previews(accounts, Date.now());
  emit({ type: "previews", previews: now });
  const until = Math.min(...now.flatMap((code) => (code ? [code.validUntilMs] : [])));
  if (Number.isFinite(until)) previewTimer = setTimeout(() => void preview(accounts, emit), Math.max(until - Date.now(), 0) + 5);
}

async function find(emit: Emit, force: boolean): Promise<void> {
  const mine = await claim(force, () => emit({ type: "taken over by another tab" }));
  if (!mine) return emit({ type: "open elsewhere" });
  const found = await session.find();
  if (found.is === "nothing") emit({ type: "nothing stored" });
  else if (found.is === "locked") emit({ type: "locked", ways: found.ways });
  else emit({ type: "opened", view: found.view, older: found.older });
  if (found.is === "open") refreshCodes(emit);
}

/** Tries; a failure becomes the event that `failed` makes of its sentence. */
async function attempt(work: () => Promise<void>, failed: (note: Words) => Parameters<Emit>[0], emit: Emit): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof StorageError && error.fault === "changed elsewhere") emit({ type: "taken over by another tab" });
    else emit(failed(wordsFor(error)));
  }
}

/** Does what the state asked for. Everything that comes of it comes back as an event. */
export function run(effect: Effect, emit: Emit): void {
  void perform(effect, emit);
}

function perform(effect: Effect, emit: Emit): Promise<void> | void {
  const sheetFailed = (note: Words) => ({ type: "sheet failed", note }) as const;
  const readFailed = (note: Words) => ({ type: "read failed", note }) as const;
  const notSaved = (note: Words) => ({ type: "not saved", view: session.view(), note }) as const;
  switch (effect.do) {
    case "start":
    case "take over":
      return attempt(() => find(emit, effect.do === "take over"), (note) => ({ type: "broken", note }), emit);
    case "create":
      return attempt(
        async () => {
          emit({ type: "opened", view: await session.create(effect.passphrase), older: false });
          refreshCodes(emit);
        },
        (note) => ({ type: "begin failed", note }),
        emit,
      );
    case "unlock":
      return attempt(
        async () => {
          emit({ type: "opened", view: await session.unlock(effect.way, effect.typed), older: false });
          refreshCodes(emit);
        },
        (note) => ({ type: "unlock failed", note }),
        emit,
      );
    case "close vault":
      clearTimeout(codesTimer);
      return session.close();
    case "apply":
      return attempt(
        async () => {
          const undo = await session.apply(effect.changes);
          emit({ type: "changed", view: session.view(), words: effect.words, undo: effect.undoable ? undo : null });
          refreshCodes(emit);
        },
        notSaved,
        emit,
      );
    case "spend":
      return attempt(
        async () => {
          const code = await session.spend(effect.id);
          emit({ type: "spent", id: effect.id, code, view: session.view() });
        },
        notSaved,
        emit,
      );
    case "copy":
      return copy(effect.text).then((ok) => emit({ type: ok ? "copied" : "copy failed" }));
    case "focus row":
      return void requestAnimationFrame(() => document.getElementById(`row-${effect.id}`)?.focus());
    case "forget toast":
      return void setTimeout(() => emit({ type: "toast over", id: effect.id }), effect.afterMs);
    case "keep settings":
      return keepSettings(effect.settings);
    case "install":
      return install();
    case "update now":
      return updateNow();
    case "set passphrase":
      return attempt(async () => emit({ type: "passphrase set", view: await session.setPassphrase(effect.passphrase) }), sheetFailed, emit);
    case "make recovery":
      return attempt(
        async () => {
          const made = await session.makeRecovery();
          emit({ type: "recovery made", ...made, view: session.view() });
        },
        sheetFailed,
        emit,
      );
    case "prove recovery":
      return attempt(
        async () => {
          const right = await session.proveRecovery(effect.typed);
          emit(right ? { type: "recovery proved", view: session.view() } : { type: "sheet failed", note: { key: "recovery.differs" } });
        },
        sheetFailed,
        emit,
      );
    case "make backup":
      return attempt(
        async () => {
          const atMs = Date.now();
          download(`portcullis-${new Date(atMs).toISOString().slice(0, 10)}.vault`, await session.backupBytes());
          emit({ type: "backup made", atMs });
        },
        sheetFailed,
        emit,
      );
    case "pick backup":
      return attempt(
        async () => {
          const file = await pick(".vault,application/octet-stream");
          if (file) emit({ type: "backup given", name: file.name, info: session.readBackup(new Uint8Array(await file.arrayBuffer())) });
        },
        sheetFailed,
        emit,
      );
    case "open backup":
      return attempt(
        async () => {
          const result = await session.openBackup(effect.way, effect.typed);
          emit({ type: "backup opened", view: session.view(), ...result });
          refreshCodes(emit);
        },
        sheetFailed,
        emit,
      );
    case "forget backup":
      return session.forgetBackup();
    case "ask camera":
      return mayStart().then((may) => {
        if (may === "granted") emit({ type: "use camera" });
        if (may === "denied" || may === "none") emit({ type: "camera", state: may });
      });
    case "watch":
      return watch(effect.video as HTMLVideoElement, async (frame) => {
        emit({ type: "scanned", texts: await scan(frame, true), from: "camera" });
      }).then((state) => emit({ type: "camera", state }));
    case "stop camera":
      stopCamera();
      return endScanner();
    case "pick picture":
      return pick("image/*").then((file) => void (file && emit({ type: "picture given", file })));
    case "scan picture":
      return picture(effect.file as Blob).then(async (bitmap) => {
        if (!bitmap) return emit({ type: "picture unreadable" });
        emit({ type: "scanned", texts: await scan(bitmap, false), from: "picture" });
      });
    case "read":
      return attempt(async () => emit({ type: "read", ...(await fromTexts(effect.texts)) }), readFailed, emit);
    case "read account":
      return attempt(async () => emit({ type: "read", ...(await fromAccount(effect.account)) }), readFailed, emit);
    case "read parts":
      return attempt(
        async () => {
          const { missing, total, items, refused } = await fromParts(effect.parts);
          if (missing.length > 0) emit({ type: "read part", missing, total });
          else emit({ type: "read", items, refused });
        },
        readFailed,
        emit,
      );
    case "preview":
      return attempt(() => preview(effect.accounts, emit), readFailed, emit);
    case "stop preview":
      return clearTimeout(previewTimer);
    case "draw qr":
      return attempt(async () => emit({ type: "qr drawn", id: effect.id, svg: await drawn(session.exportUri(effect.id)) }), sheetFailed, emit);
  }
}

/** After the device slept, timers are late: call when the page is seen again. */
export const seenAgain = (emit: Emit): void => refreshCodes(emit);
