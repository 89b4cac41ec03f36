// What the whole behaviour speaks of: sentences, and accounts that are read and not saved yet.
import type { Account } from "portcullis/vault";

/** A sentence from the language file, with what it needs. */
export interface Words {
  key: string;
  vars?: Record<string, string | number>;
}

/** An account that was read and not saved yet. */
export interface Found {
  account: Account;
  /** Its code now; none for a counter, which would be used up by looking. */
  preview: { text: string; validFromMs: number; validUntilMs: number } | null;
  /** Entries that are this very account: key, settings and names. */
  same: string[];
  /** Accounts with the same key, and what differs. */
  kin: { title: string; parts: Part[] }[];
  /** Entries with the same service and name, and another key. */
  namesakes: string[];
  /** What had to be changed so that it could be taken. */
  changed: Words[];
  /** What came with it from another app. */
  beside?: { note: string; tags: string[]; pinned: boolean; trashed: boolean };
  /** The earlier one of the same file that makes the same codes. */
  twice?: string;
  /** Its codes need a PIN, which only the person knows; how many digits, where the link says so. */
  pin: { digits: number | null } | null;
  /** What has to be put right before it is saved. */
  fault: { field: "issuer" | "pin"; words: Words } | null;
  take: boolean;
  /** Put the namesakes into the bin when this one is saved. */
  replace: boolean;
}

/** What may differ between two accounts that have one key. */
export type Part = "issuer" | "name" | "algorithm" | "digits" | "period" | "counter" | "pin";

/** What is left out, and why. */
export interface Left {
  title: string;
  why: Words;
  /** A whole file, which is no account. */
  file?: true;
  /** An entry whose codes cannot be made here: it is kept as the other app wrote it. */
  original?: { issuer: string; name: string; source: string };
}

/** What a person types to open a vault. */
export type UnlockMethod = "passphrase" | "recovery";
