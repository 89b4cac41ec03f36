/// <reference lib="webworker" />
// From a passphrase to a key. Lives for one question: ending it gives the memory back.
import { type KdfParams, calibrate, stretch } from "portcullis/kdf";

declare const self: DedicatedWorkerGlobalScope;

export interface KdfAsk {
  passphrase: string;
  /** Absent: find out what this device can do in about a second. */
  kdf?: KdfParams;
}
export type KdfAnswer = { key: Uint8Array; kdf: KdfParams } | { code: string };

self.onmessage = ({ data }: MessageEvent<KdfAsk>) => {
  let answer: KdfAnswer;
  try {
    const kdf = data.kdf ?? calibrate(() => performance.now());
    answer = { key: stretch(data.passphrase, kdf), kdf };
  } catch (error) {
    answer = { code: String((error as { code?: unknown }).code ?? "VAULT_KDF_FAILED") };
  }
  self.postMessage(answer);
};
