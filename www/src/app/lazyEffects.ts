// The effects of adding accounts and of backups: nothing that the first codes on the screen wait for.
import { stop as stopCamera, mayStart, watch } from "../ports/camera.ts";
import { until } from "../ports/clock.ts";
import { download, pickFiles, picture } from "../ports/files.ts";
import { endScanner, scan } from "../ports/heavy.ts";
import { attempt, refreshCodes } from "./attempt.ts";
import type { Account, Effect, Emit, Left, Words } from "./model.ts";
import { drawn, fromAccount, fromTexts, previews } from "./reading.ts";
import * as session from "./session.ts";

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
          const files = await pickFiles();
          if (files.length > 0) emit({ type: "moving", is: { type: "files given", files } });
        },
        sheetFailed,
        emit,
      );
    case "open backup":
      return attempt(
        async () => {
          const result = await session.openBackup(effect.method, effect.typed);
          emit({ type: "backup opened", view: session.view(), ...result });
          refreshCodes(emit);
        },
        sheetFailed,
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
      return attempt(async () => emit({ type: "qr drawn", id: effect.id, svg: await drawn(session.exportUri(effect.id)) }), sheetFailed, emit);
  }
}
