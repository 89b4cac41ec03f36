// A backup of this vault, or of another one, merged into accounts that are here: what is newer wins, and nothing is ever removed.
import type { Account, Change, Entry } from "./model.ts";
import { differences, sameButCounter } from "./twins.ts";

/** The backup as it is read: its entries, and each entry's account. */
export interface Other {
  entries: Entry[];
  trash: Entry[];
  account(id: string): Account;
  /** The words of the app that the entry came from, where they are kept. */
  source?(id: string): string | null | undefined;
}

/** The vault that is open. */
export interface Here {
  entries: Entry[];
  trash: Entry[];
  /** Entries with this account's key. */
  twins(account: Account): Entry[];
  /** What other apps wrote of the entries that make no codes. Such entries have no key that could be compared. */
  sources: ReadonlySet<string>;
}

export interface Merged {
  changes: Change[];
  /** Of those that are not in the backup's bin. */
  added: number;
  /** Entries that the backup has in a later state. */
  newer: number;
  present: number;
}

/**
 * What has to change here. An entry is known by its id, else by being the same account. A bin is not followed: what was deleted
 * there stays here, and what was deleted here stays in the bin. A counter never goes back.
 */
export function merge(here: Here, other: Other): Merged {
  const known = new Map([...here.entries, ...here.trash].map((entry) => [entry.id, entry]));
  const done: Merged = { changes: [], added: 0, newer: 0, present: 0 };
  for (const entry of [...other.entries, ...other.trash]) {
    const account = other.account(entry.id);
    const mine = known.get(entry.id);
    const trashed = entry.trashedMs !== undefined;
    const counts = trashed ? 0 : 1;
    const source = other.source?.(entry.id) ?? undefined;
    if (mine) {
      const changes = mine.trashedMs === undefined && !trashed ? newerOf(mine, entry, account) : [];
      done.changes.push(...changes);
      done[changes.length > 0 ? "newer" : "present"] += counts;
    } else if (source !== undefined ? here.sources.has(source) : here.twins(account).some((twin) => sameButCounter(differences(twin, account)))) {
      done.present += counts;
    } else {
      const { note, tags, icon, pinned } = entry;
      done.changes.push({ do: "add", account, note, tags, icon, pinned, trashed, restored: true, ...(source === undefined ? {} : { source }) });
      done.added += counts;
    }
  }
  return done;
}

function newerOf(mine: Entry, entry: Entry, account: Account): Change[] {
  if (entry.changedMs <= mine.changedMs) return [];
  const counter = Math.max(mine.counter ?? 0, account.counter ?? 0);
  const { id, issuer, name, note, tags, icon, pinned } = entry;
  // What makes no codes here has no account that the vault would take. Its names can change, and no more.
  const what = mine.hasSource ? { issuer, name } : { account: account.kind === "hotp" ? { ...account, counter } : account };
  const edit: Change = { do: "edit", id, note, tags, icon, ...what };
  return pinned === mine.pinned ? [edit] : [edit, { do: "pin", id, pinned }];
}
