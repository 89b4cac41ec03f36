// From a passphrase to a key. Lives for one question: ending it gives the memory back.
import { calibrate, kdfParams, stretch } from "portcullis/kdf";
import type { KdfAnswer, KdfAsk } from "./messages.ts";

declare const self: DedicatedWorkerGlobalScope;

self.onmessage = ({ data }: MessageEvent<KdfAsk>) => {
  let answer: KdfAnswer;
  try {
    const kdf = data.kdf ?? (data.least ? kdfParams(19_456, 2) : calibrate(() => performance.now()));
    answer = { key: stretch(data.passphrase, kdf), kdf };
  } catch (error) {
    answer = { code: String((error as { code?: unknown }).code ?? "VAULT_KDF_FAILED") };
  }
  self.postMessage(answer);
};
