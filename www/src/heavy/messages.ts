import type { KdfParams } from "portcullis/kdf";

export interface KdfAsk {
  passphrase: string;
  /** Absent: find out what this device can do in about a second. */
  kdf?: KdfParams;
}
export type KdfAnswer = { key: Uint8Array; kdf: KdfParams } | { code: string };

export interface ScanAsk {
  id: number;
  bitmap: ImageBitmap;
  /** Longest sides, in pixels, to try one after the other. */
  sides: number[];
}
export interface ScanAnswer {
  id: number;
  texts: string[];
}
