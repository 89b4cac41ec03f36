import type { Account, Applied, BackupInfo, Change, Entry, KdfParams, LockedInfo, OpenSlotInfo, RowCode } from "portcullis/vault";
import type { Found, Left, UnlockMethod, Words } from "./facts.ts";
import type { Carry, Moving, MovingSheet } from "./movingTypes.ts";

export type { Account, Applied, BackupInfo, Change, Entry, KdfParams, LockedInfo, OpenSlotInfo, RowCode };
export type { Found, Left, Part, UnlockMethod, Words } from "./facts.ts";

/** What an open vault shows, without a secret in it. */
export interface View {
  entries: Entry[];
  trash: Entry[];
  codes: RowCode[];
  /** When the codes were made. */
  codesMs: number;
  slots: OpenSlotInfo[];
  /** The backups that the vault remembers. */
  backups: BackupInfo[];
  /** How many accounts are in none of them. */
  unbacked: number;
}

export type Theme = "system" | "light" | "dark";

export interface Settings {
  theme: Theme;
  /** A language tag that we have a text for, or `system`. */
  language: string;
  /** When the last backup was made, in milliseconds since the epoch; 0: never. */
  backupMs: number;
  /** How many accounts that backup was found to hold when it was opened again; -1: it was not tried. */
  backupChecked: number;
}

/** What the browser and the device say about themselves. */
export interface Surroundings {
  online: boolean;
  installed: boolean;
  canInstall: boolean;
  /** iPhone or iPad, in the browser: an installed app has a storage of its own there. */
  iosTab: boolean;
  persistent: boolean;
  updateReady: boolean;
  version: string;
  /** By how many milliseconds this device's clock is ahead (or, below zero, behind), where that matters; else 0. */
  clockOffMs: number;
}

export type CameraState = "off" | "asking" | "on" | "denied" | "none" | "busy";

export type AddView = "ways" | "paste" | "hand";

export interface HandDraft {
  kind: "totp" | "hotp";
  issuer: string;
  name: string;
  secret: string;
  algorithm: "SHA1" | "SHA256" | "SHA512";
  digits: string;
  periodSecs: string;
  counter: string;
}

/** A sentence that belongs to one field of a form, by the name of the field. */
export interface Fault {
  field: keyof HandDraft;
  words: Words;
}

export interface AddSheet {
  at: "add";
  view: AddView;
  camera: CameraState;
  /** Texts of an export that is not complete, and of what came with it. */
  texts: string[];
  /** What the camera saw last: it sees it in every frame. */
  seen: string[];
  /** Pictures in which nothing was found. */
  left: Left[];
  /** Numbers (from 1) of the parts that are not here yet. */
  missing: number[];
  total: number;
  /** How many accounts the parts hold that are here. */
  count: number;
  pasted: string;
  /** The key that was pasted where a link was asked for. */
  key: string | null;
  hand: HandDraft;
  fault: Fault | null;
  busy: boolean;
  note: Words | null;
}

/** What was read, before it is saved. */
export interface FoundSheet {
  at: "found";
  items: Found[];
  left: Left[];
  /** What is to be known of the file that they came in. */
  said?: Words[];
  busy: boolean;
  note: Words | null;
}

/** What became of an import that left something out. */
export interface ReportSheet {
  at: "report";
  saved: number;
  total: number;
  left: Left[];
  /** Those that were not saved because they are here already, each with which one it is. */
  doubles: Left[];
  said: Words[];
  /** Titles of those that were taken in another form, and in which. */
  changed: Left[];
  /** How many were here already, or were not wanted. */
  present: number;
}

export type EditDraft = Omit<HandDraft, "secret"> & { note: string };

export interface EditSheet {
  at: "edit";
  id: string;
  /** Whether digits, period, counter and algorithm can be chosen for this kind. */
  tunable: boolean;
  was: EditDraft;
  draft: EditDraft;
  fault: Fault | null;
  busy: boolean;
  note: Words | null;
}

export type Sheet =
  | AddSheet
  | MovingSheet
  | FoundSheet
  | ReportSheet
  | { at: "menu"; id: string }
  | EditSheet
  | { at: "qr"; id: string; svg: string | null; original?: string }
  | { at: "bin"; sure: string | null }
  | { at: "settings" }
  | { at: "help" }
  | PassphraseSheet
  | { at: "recovery"; key: string | null; replaced: boolean; busy: boolean; note: Words | null }
  | { at: "backup"; busy: boolean; note: Words | null }
  | { at: "restore"; name: string; info: LockedInfo | null; method: UnlockMethod; busy: boolean; note: Words | null }
  | OverSheet;

/** A new passphrase: chosen, and typed once more for what was stored. */
export interface PassphraseSheet {
  at: "passphrase";
  step: "choose" | "prove";
  busy: boolean;
  note: Words | null;
  then: "settings" | "lock" | "backup";
}

/** Starting over: what is stored goes for good. */
export interface OverSheet {
  at: "over";
  /** Whether the old bytes were given out as a file. */
  saved: boolean;
  busy: boolean;
  note: Words | null;
}

/** The sheets that also open where there is no open vault. */
export type Door = "restore" | "over";

export type Phase =
  /** `waits`: another tab has the vault, and does not answer. */
  | { at: "loading"; waits?: boolean }
  | { at: "welcome"; step: "intro" | "passphrase"; busy: boolean; note: Words | null }
  /** `gone`: this browser lost the key that opened it. */
  | { at: "locked"; methods: UnlockMethod[]; method: UnlockMethod; gone: boolean; busy: boolean; note: Words | null }
  | { at: "elsewhere"; taken: boolean }
  /** `newer`: whole, and saved by a newer version of the app. */
  | { at: "broken"; note: Words | null; newer: boolean }
  | Open;

export interface Open extends View {
  at: "open";
  query: string;
  selected: string | null;
  /** Codes of counters that were used up and may be shown. */
  spent: Record<string, string>;
  /** The entry whose coming code is shown too. */
  ahead: string | null;
  /** Whether the newest copy was unreadable and the one before it was opened. */
  older: boolean;
  /** Whether this is looked at only, because the browser stores nothing. */
  loose: boolean;
}

export interface Toast {
  id: number;
  words: Words;
  undo: Change[] | null;
}

export interface State {
  phase: Phase;
  sheet: Sheet | null;
  toast: Toast | null;
  /** Text that came by a link or a share while nobody could take it. */
  inbox: string[];
  /** Files that were given while nobody could take them. */
  given: unknown[];
  /** The sheet that a shortcut asked for before the vault was open. */
  wanted: Opening | null;
  settings: Settings;
  around: Surroundings;
}

/** The sheets that open by themselves, without an entry. */
export type Opening = "add" | "settings" | "help" | "bin" | "backup" | "recovery" | "passphrase" | "restore";

/** Where a text came from. */
export type From = "camera" | "picture" | "text";

/** An event has one reducer, the one whose parameter names its type: `next` in state.ts. */
export type Event = VaultEvent | ListEvent | SheetEvent | AddEvent | MovingEvent;

/** Moving in and out: moving.ts. */
export interface MovingEvent {
  type: "moving";
  is: Moving;
}

/** Opening and closing the vault: vaulting.ts. */
export type VaultEvent =
  | { type: "nothing stored" }
  | { type: "locked"; methods: UnlockMethod[]; gone?: boolean }
  | { type: "opened"; view: View; older: boolean; loose?: boolean }
  | { type: "open elsewhere" }
  | { type: "another tab is silent" }
  | { type: "taken over by another tab" }
  | { type: "here please" }
  | { type: "broken"; note: Words }
  | { type: "newer" }
  | { type: "welcome step"; step: "intro" | "passphrase" }
  | { type: "begin without passphrase" }
  | { type: "begin with passphrase"; passphrase: string; again: string }
  | { type: "begin failed"; note: Words }
  | { type: "unlock method"; method: UnlockMethod }
  | { type: "unlock"; typed: string }
  | { type: "unlock failed"; note: Words }
  | { type: "lock" }
  | { type: "hidden for long" };

/** The list of codes, and the settings and surroundings of the app: listing.ts. */
export type ListEvent =
  | { type: "codes"; codes: RowCode[]; codesMs: number }
  | { type: "search"; query: string }
  | { type: "select"; id: string | null }
  | { type: "move selection"; by: number }
  | { type: "copy"; id: string }
  | { type: "copied" }
  | { type: "copy failed" }
  | { type: "next code"; id: string }
  | { type: "spent"; id: string; code: string; view: View }
  | { type: "pin"; id: string; pinned: boolean }
  | { type: "move"; id: string; by: 1 | -1 }
  | { type: "trash"; id: string }
  | { type: "restore"; id: string }
  | { type: "remove surely"; id: string }
  | { type: "undo" }
  | { type: "changed"; view: View; words: Words | null; undo: Change[] | null }
  | { type: "not saved"; view: View | null; note: Words }
  | { type: "toast over"; id: number }
  | { type: "said"; words: Words }
  | { type: "settings elsewhere"; settings: Settings }
  | { type: "setting"; settings: Partial<Settings> }
  | { type: "around"; around: Partial<Surroundings> }
  | { type: "install" }
  | { type: "update now" };

/** The sheets, with what unlocks the vault and with backups: sheets.ts. */
export type SheetEvent =
  | { type: "remove"; id: string }
  | { type: "keep" }
  | { type: "open sheet"; at: Opening }
  | { type: "open menu"; id: string }
  | { type: "open edit"; id: string }
  | { type: "edit field"; field: keyof EditDraft; value: string }
  | { type: "save edit" }
  | { type: "open qr"; id: string }
  /** `original`: instead of a code, where none can be made. */
  | { type: "qr drawn"; id: string; svg: string; original?: string }
  | { type: "close sheet" }
  | { type: "go on" }
  | { type: "open door"; at: Door }
  | { type: "save old" }
  | { type: "old saved"; files: number }
  | { type: "start over"; typed: string; word: string }
  | { type: "set passphrase"; passphrase: string; again: string; master?: boolean }
  | { type: "passphrase set"; view: View }
  | { type: "prove passphrase"; typed: string }
  | { type: "passphrase proved"; view: View }
  | { type: "leave proof" }
  | { type: "new recovery key" }
  | { type: "recovery made"; key: string; replaced: boolean; view: View }
  | { type: "recovery typed"; typed: string }
  | { type: "recovery proved"; view: View }
  | { type: "make backup" }
  | { type: "backup made"; atMs: number; view: View }
  | { type: "pick backup" }
  | { type: "backup given"; name: string; info: LockedInfo }
  | { type: "backup method"; method: UnlockMethod }
  | { type: "open backup"; typed: string }
  | { type: "backup opened"; view: View; total: number; added: number; newer: number; present: number }
  | { type: "sheet failed"; note: Words }
  | { type: "failed"; note: Words };

/** Adding accounts: adding.ts. */
export type AddEvent =
  | { type: "add view"; view: AddView }
  | { type: "add by"; way: "camera" | "picture" | "paste" | "hand" }
  | { type: "use camera" }
  | { type: "camera mounted"; video: unknown }
  | { type: "camera"; state: CameraState }
  | { type: "scanned"; texts: string[]; from: "camera" }
  | { type: "scanned"; texts: string[]; from: "picture"; left: Left[] }
  | { type: "pick picture" }
  | { type: "pictures given"; files: unknown[] }
  | { type: "text given"; text: string }
  | { type: "paste field"; value: string }
  | { type: "hand field"; field: keyof HandDraft; value: string }
  | { type: "read hand" }
  | { type: "key as typed"; key: string }
  | { type: "read"; items: Found[]; left: Left[] }
  | { type: "read part"; texts: string[]; missing: number[]; total: number; count: number }
  | { type: "read what is here" }
  | { type: "read key"; key: string }
  | { type: "read nothing"; from: From }
  | { type: "read failed"; note: Words }
  | { type: "found field"; index: number; field: "issuer" | "name" | "pin"; value: string }
  | { type: "found take"; index: number; take: boolean }
  | { type: "found replace"; index: number; replace: boolean }
  | { type: "save found" }
  | { type: "previews"; previews: Found["preview"][] }
  | { type: "hidden" }
  | { type: "seen" };

export type Effect =
  | { do: "start" }
  /** Fetch the chapters of late.ts, and tell them of this event. */
  | { do: "learn"; event: Event }
  | { do: "take over" }
  | { do: "create"; passphrase: string | null }
  | { do: "unlock"; method: UnlockMethod; typed: string }
  | { do: "close vault" }
  | { do: "apply"; changes: Change[]; words: Words | null; undoable: boolean }
  | { do: "spend"; id: string }
  | { do: "copy"; id: string; text: string }
  | { do: "focus row"; id: string }
  | { do: "forget toast"; id: number; afterMs: number }
  | { do: "ask camera" }
  | { do: "watch"; video: unknown }
  | { do: "stop camera" }
  | { do: "pick picture" }
  | { do: "scan pictures"; files: unknown[] }
  | { do: "read"; texts: string[]; from: From; partly: boolean }
  | { do: "read account"; account: Account }
  | { do: "edit account"; id: string; names: { issuer: string; name: string }; note: string; settings: Partial<Account>; words: Words }
  | { do: "preview"; accounts: Account[] }
  | { do: "stop preview" }
  | { do: "draw qr"; id: string }
  | { do: "set passphrase"; passphrase: string; master: boolean }
  | { do: "prove passphrase"; typed: string }
  | { do: "save old" }
  | { do: "start over" }
  | { do: "make recovery" }
  | { do: "prove recovery"; typed: string }
  | { do: "make backup" }
  /** `adopt`: in place of a vault that cannot be opened. */
  | { do: "pick backup"; adopt: boolean }
  /** `adopt`: as the vault of this device, where none is open. */
  | { do: "open backup"; method: UnlockMethod; typed: string; adopt: boolean }
  | { do: "forget backup" }
  | { do: "keep settings"; settings: Settings }
  | { do: "install" }
  | { do: "update now" }
  | { do: "moving"; is: Carry };

export type Emit = (event: Event) => void;
