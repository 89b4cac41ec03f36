// Starts and ends the workers that do what would make the page stutter.
import kdfUrl from "../heavy/kdf.worker.ts?worker&url";
import type { KdfAnswer, KdfAsk, ScanAnswer, ScanAsk } from "../heavy/messages.ts";
import scanUrl from "../heavy/scan.worker.ts?worker&url";
import { scriptUrl } from "./trusted.ts";

const start = (url: string): Worker => new Worker(scriptUrl(url), { type: "module" });

/**
 * The key for a passphrase, from a worker that lives for this one question. Rejects with the core's code as message. A new
 * one that fails, for lack of memory, is tried once more at the lowest cost.
 */
export function stretched(ask: KdfAsk): Promise<{ key: Uint8Array; kdf: import("portcullis/kdf").KdfParams }> {
  const worker = start(kdfUrl);
  return new Promise<KdfAnswer>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<KdfAnswer>) => resolve(data);
    worker.onerror = () => reject(new Error("VAULT_KDF_FAILED"));
    worker.postMessage(ask);
  })
    .then((answer) => {
      if ("code" in answer) throw Object.assign(new Error(answer.code), { code: answer.code });
      return answer;
    })
    .finally(() => worker.terminate())
    .catch((error: unknown) => {
      if (ask.kdf || ask.least) throw error;
      return stretched({ ...ask, least: true });
    });
}

const FRAME_SIDES = [1280];
const PICTURE_SIDES = [2400, 1200, 600];

let scanner: Worker | null = null;
let asked = 0;
const waiting = new Map<number, (texts: string[]) => void>();

/** Every QR text in a picture. `isFrame`: one quick look, as there are more frames to come. */
export function scan(bitmap: ImageBitmap, isFrame: boolean): Promise<string[]> {
  scanner ??= startScanner();
  const id = (asked += 1);
  const ask: ScanAsk = { id, bitmap, sides: isFrame ? FRAME_SIDES : PICTURE_SIDES };
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    scanner?.postMessage(ask, [bitmap]);
  });
}

function startScanner(): Worker {
  const worker = start(scanUrl);
  worker.onmessage = ({ data }: MessageEvent<ScanAnswer>) => {
    waiting.get(data.id)?.(data.texts);
    waiting.delete(data.id);
  };
  worker.onerror = () => endScanner();
  return worker;
}

export function endScanner(): void {
  scanner?.terminate();
  scanner = null;
  for (const resolve of waiting.values()) resolve([]);
  waiting.clear();
}
