// The effects of adding accounts and of backups: nothing that the first codes on the screen wait for.
import { stop as stopCamera, mayStart, watch } from "../ports/camera.ts";
import { until } from "../ports/clock.ts";
import { download, pickFiles, picture } from "../ports/files.ts";
import { endScanner, scan } from "../ports/heavy.ts";
import { oldBytes, wipe } from "../ports/leftovers.ts";
import { attempt, opened, refreshCodes } from "./attempt.ts";
import * as backups from "./backups.ts";
import type { Account, Effect, Emit, Left, Words } from "./model.ts";
import { drawn, fromAccount, fromTexts, previews } from "./reading.ts";
import * as session from "./session.ts";
import * as ways from "./ways.ts";

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

let stopPreview: () => void = () => undefined;

async function preview(accounts: Account[], emit: Emit): Promise<void> {
  stopPreview();
  let wanted = true;
  stopPreview = () => (wanted = false);
  const now = await previews(accounts, Date.now());
  if (!wanted) return; // Codes of one sheet must not stand beside the accounts of the next.
  emit({ type: "previews", previews: now });
  const goodUntil = Math.min(...now.flatMap((code) => (code ? [code.validUntilMs] : [])));
  if (Number.isFinite(goodUntil)) stopPreview = until(goodUntil, () => void preview(accounts, emit));
}

/** Every picture, one after the other; those in which nothing was found are named. */
async function scanAll(files: Blob[], emit: Emit): Promise<void> {
  const texts: string[] = [];
  const left: Left[] = [];
  for (const file of files) {
    const bitmap = await picture(file);
    const found = bitmap ? await scan(bitmap, false) : [];
    texts.push(...found);
    if (found.length === 0) left.push({ title: (file as File).name ?? "", why: { key: bitmap ? "left.picture" : "left.unreadable" } });
  }
  emit({ type: "scanned", texts, from: "picture", left });
}

/** Does what is not done in `effects.ts`. */
export function perform(effect: Effect, emit: Emit): Promise<void> | void {
  const sheetFailed = (note: Words) => ({ type: "sheet failed", note }) as const;
  const readFailed = (note: Words) => ({ type: "read failed", note }) as const;
  switch (effect.do) {
    case "set passphrase":
      return attempt(async () => emit({ type: "passphrase set", view: await ways.setPassphrase(effect.passphrase, effect.master) }), sheetFailed, emit);
    case "prove passphrase":
      return attempt(async () => emit({ type: "passphrase proved", view: await ways.provePassphrase(effect.typed) }), sheetFailed, emit);
    case "make recovery":
      return attempt(
        async () => {
          const made = await ways.makeRecovery();
          emit({ type: "recovery made", ...made, view: session.view() });
        },
        sheetFailed,
        emit,
      );
    case "prove recovery":
      return attempt(
        async () => {
          const right = await ways.proveRecovery(effect.typed);
          emit(right ? { type: "recovery proved", view: session.view() } : { type: "sheet failed", note: { key: "recovery.differs" } });
        },
        sheetFailed,
        emit,
      );
    case "make backup":
      return attempt(
        async () => {
          const atMs = Date.now();
          download(`portcullis-${day(atMs)}.vault`, await backups.backupBytes());
          emit({ type: "backup made", atMs, view: session.view() });
        },
        sheetFailed,
        emit,
      );
    case "pick backup":
      return attempt(
        async () => {
          if (effect.adopt) {
            const [file] = await pickFiles();
            if (file) emit({ type: "backup given", name: file.name, info: await backups.readBackup(new Uint8Array(await file.arrayBuffer())) });
            return;
          }
          const files = await pickFiles();
          if (files.length > 0) emit({ type: "moving", is: { type: "files given", files } });
        },
        sheetFailed,
        emit,
      );
    case "open backup":
      return attempt(
        async () => {
          if (effect.adopt) {
            const { view, kept } = await backups.adoptBackup(effect.method, effect.typed);
            return opened({ view, older: false, loose: !kept }, emit);
          }
          const result = await backups.openBackup(effect.method, effect.typed);
          emit({ type: "backup opened", view: session.view(), ...result });
          refreshCodes(emit);
        },
        sheetFailed,
        emit,
      );
    case "forget backup":
      return backups.forgetBackup();
    case "save old":
      return attempt(
        async () => {
          const files = await oldBytes();
          for (const [at, bytes] of files.entries()) download(`portcullis-old-${day(Date.now())}${at === 0 ? "" : `-${at + 1}`}.vault`, bytes);
          emit({ type: "old saved", files: files.length });
        },
        sheetFailed,
        emit,
      );
    case "start over":
      return attempt(
        async () => {
          await session.close();
          await wipe();
          await session.find(); // What stands there now is nothing, and the next vault is stored beside it.
          emit({ type: "nothing stored" });
        },
        (note) => ({ type: "broken", note }),
        emit,
      );
    case "ask camera":
      return mayStart().then((may) => {
        if (may === "granted") emit({ type: "use camera" });
        if (may === "denied" || may === "none") emit({ type: "camera", state: may });
      });
    case "watch":
      return watch(
        effect.video as HTMLVideoElement,
        async (frame) => emit({ type: "scanned", texts: await scan(frame, true), from: "camera" }),
        (state) => emit({ type: "camera", state }),
      );
    case "stop camera":
      stopCamera();
      return endScanner();
    case "pick picture":
      return pickFiles().then((files) => void (files.length > 0 && emit({ type: "moving", is: { type: "files given", files } })));
    case "scan pictures":
      return scanAll(effect.files as Blob[], emit);
    case "read":
      return attempt(async () => emit(await fromTexts(effect.texts, effect)), readFailed, emit);
    case "edit account":
      return attempt(
        async () => {
          const { id, names, note, settings, words } = effect;
          const account = { ...session.exportAccount(id), ...names, ...settings };
          await session.apply([{ do: "edit", id, note, account }]);
          const view = session.view();
          emit({ type: "changed", view, words, undo: null });
          refreshCodes(emit, view);
        },
        (note) => ({ type: "not saved", view: session.isOpen() ? session.view() : null, note }),
        emit,
      );
    case "read account":
      return attempt(async () => emit(await fromAccount(effect.account)), readFailed, emit);
    case "preview":
      return attempt(() => preview(effect.accounts, emit), readFailed, emit);
    case "stop preview":
      return stopPreview();
    case "draw qr":
      return attempt(
        async () => {
          const { id } = effect;
          const original = session.original(id);
          emit(original === null ? { type: "qr drawn", id, svg: await drawn(session.exportUri(id)) } : { type: "qr drawn", id, svg: "", original });
        },
        sheetFailed,
        emit,
      );
  }
}
