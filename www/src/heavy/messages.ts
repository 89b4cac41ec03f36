import type { Backup, BackupFormat, BackupItem, BackupLoss, WriteOptions, WrittenBackup } from "portcullis/backup";
import type { KdfParams } from "portcullis/kdf";

export interface KdfAsk {
  passphrase: string;
  /** Absent: find out what this device can do in about a second. */
  kdf?: KdfParams;
  /** The lowest cost that a vault may have: this device could not give more. */
  least?: boolean;
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

export type BackupAsk =
  | { do: "look"; bytes: Uint8Array<ArrayBuffer>; beside: Uint8Array[] }
  /** How long a guess takes here. */
  | { do: "probe" }
  | { do: "unlock"; password: string }
  | { do: "losses"; format: BackupFormat; items: BackupItem[] }
  | { do: "write"; format: BackupFormat; items: BackupItem[]; options: WriteOptions }
  /** A vault as the texts of QR codes, and back. */
  | { do: "series"; vault: Uint8Array; vaultId: string }
  | { do: "gather"; parts: string[] };

export type BackupAnswer =
  | { is: "open"; backup: Backup; locked: boolean }
  | { is: "locked"; app: string; title: string; memoryKib: number }
  | { is: "lasts"; ms: number }
  | { is: "vault"; bytes: Uint8Array }
  | { is: "written"; written: WrittenBackup<Uint8Array<ArrayBuffer> | string> }
  | { is: "losses"; losses: BackupLoss[] }
  | { is: "series"; parts: string[] }
  | { is: "gathered"; total: number; missing: number[]; vault?: Uint8Array }
  | { is: "refused"; code: string };
