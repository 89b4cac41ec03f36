// The worker that opens files of other apps and writes them. It lives for one go: ending it cancels, and gives the memory back.
import backupUrl from "../heavy/backup.worker.ts?worker&url";
import type { BackupAnswer, BackupAsk } from "../heavy/messages.ts";
import { scriptUrl } from "./trusted.ts";

let worker: Worker | null = null;
let asked = 0;
const waiting = new Map<number, (answer: BackupAnswer) => void>();

/** Starts the worker, so that it is there when a file has been chosen. */
export function warmUp(): Worker {
  if (worker) return worker;
  worker = new Worker(scriptUrl(backupUrl), { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<BackupAnswer & { id: number }>) => {
    waiting.get(data.id)?.(data);
    waiting.delete(data.id);
  };
  // A worker that dies has no last word: what it was given was more than the device can do.
  worker.onerror = () => end("BACKUP_NO_MEMORY");
  worker.onmessageerror = () => end("BACKUP_NO_MEMORY");
  return worker;
}

export function ask(what: BackupAsk, transfer: Transferable[] = []): Promise<BackupAnswer> {
  const id = (asked += 1);
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    warmUp().postMessage({ ...what, id }, transfer);
  });
}

/** Ends the worker, with this as the answer to whoever still waits. */
export function end(code = "BACKUP_STOPPED"): void {
  worker?.terminate();
  worker = null;
  for (const resolve of waiting.values()) resolve({ is: "refused", code });
  waiting.clear();
}
