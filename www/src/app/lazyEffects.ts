// The effects of adding accounts and of backups: nothing that the first codes on the screen wait for.
import { stop as stopCamera, mayStart, watch } from "../ports/camera.ts";
import { until } from "../ports/clock.ts";
import { download, pick, picture } from "../ports/files.ts";
import { endScanner, scan } from "../ports/heavy.ts";
import { attempt, refreshCodes } from "./attempt.ts";
import type { Account, Effect, Emit, Words } from "./model.ts";
import { drawn, fromAccount, fromParts, fromTexts, previews } from "./reading.ts";
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
          const file = await pick(".vault,application/octet-stream");
          if (file) emit({ type: "backup given", name: file.name, info: session.readBackup(new Uint8Array(await file.arrayBuffer())) });
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
      return stopPreview();
    case "draw qr":
      return attempt(async () => emit({ type: "qr drawn", id: effect.id, svg: await drawn(session.exportUri(effect.id)) }), sheetFailed, emit);
  }
}
