// Moving in from other apps, and out again. What is named here comes when it is needed: see `chapter` in state.ts.
import type { LockedInfo } from "portcullis/vault";
import type { Found, Left, UnlockMethod, Words } from "./facts.ts";

/** Whose password is asked for, and what trying one costs. */
export interface Lock {
  /** The app that wrote the file. */
  title: string;
  memoryKib: number;
  /** More than this device may be able to give. */
  tight: boolean;
}

/** Files on their way in. Their bytes, and what they hold, are not part of the state. */
export interface OpeningSheet {
  at: "opening";
  /** All files of this go. */
  names: string[];
  /** The one at work, counted from 0. */
  now: number;
  /** `protect`: the files wait for a vault; `adopt`: our own backup becomes the vault; `refused`: no file held an account. */
  step: "reading" | "password" | "protect" | "adopt" | "refused";
  lock: Lock | null;
  /** For our own backup. */
  method: UnlockMethod;
  methods: UnlockMethod[];
  /** A password is being tried. */
  busy: boolean;
  /** How long trying takes here, as a probe told; 0: no time to speak of, or not known yet. */
  lastsMs: number;
  left: Left[];
  said: Words[];
  note: Words | null;
}

/** Where the other apps have their export. */
export interface MoveSheet {
  at: "move";
  /** Services that the person has set up anew, where the old app gives no file out. */
  ticked: string[];
}

/** A way out: a file, codes on the screen, or paper; `one`: the code of one account. */
export type WayOut = "links" | "aegis" | "aegis-encrypted" | "2fas" | "google" | "series" | "print" | "one";

/** A QR code to be shown or printed. */
export interface Drawn {
  svg: string;
  title: string;
  below: string;
}

/** Taking accounts elsewhere. */
export interface LeaveSheet {
  at: "leave";
  step: "ways" | "choose" | "prove" | "look" | "made";
  way: WayOut | null;
  /** Which accounts go; null: all. */
  chosen: string[] | null;
  /** What stays behind of whom; `out`: the whole account. */
  losses: (Left & { out: boolean })[];
  /** How many of how many go. */
  count: number;
  total: number;
  /** What was drawn, and the one on the screen. */
  codes: Drawn[];
  shown: number;
  busy: boolean;
  note: Words | null;
}

export type MovingSheet = OpeningSheet | MoveSheet | LeaveSheet;

export type Moving = Bringing | Leaving;

/** leaving.ts */
export type Leaving =
  | { type: "leave" }
  | { type: "show one"; id: string }
  | { type: "choose accounts" }
  | { type: "choose account"; id: string; take: boolean }
  | { type: "choose all"; take: boolean }
  | { type: "leave by"; way: WayOut }
  | { type: "leave back" }
  /** What opens the vault has to be typed once more. */
  | { type: "prove first"; way: WayOut; ids: string[] | null }
  | { type: "prove"; typed: string }
  | { type: "losses"; losses: LeaveSheet["losses"]; count: number; total: number }
  | { type: "write"; password: string; again: string }
  | { type: "written"; count: number; total: number; codes: Drawn[] }
  | { type: "leave failed"; note: Words }
  | { type: "turn"; by: 1 | -1 }
  | { type: "print" }
  | { type: "save page" };

/** moving.ts */
export type Bringing =
  | { type: "show apps" }
  | { type: "ticks"; ticked: string[] }
  | { type: "tick"; service: string; done: boolean }
  | { type: "choose files" }
  | { type: "files given"; files: unknown[] }
  | { type: "reading"; names: string[]; now: number }
  | { type: "locked file"; lock: Lock }
  | { type: "lasts"; ms: number }
  | { type: "try password"; typed: string }
  | { type: "not opened"; note: Words }
  | { type: "skip file" }
  | { type: "files read"; items: Found[]; left: Left[]; said: Words[] }
  | { type: "files wait"; names: string[] }
  | { type: "protect first" }
  | { type: "vault given"; name: string; info: LockedInfo }
  | { type: "adopt method"; method: UnlockMethod }
  | { type: "adopt"; typed: string }
  /** After "opened". */
  | { type: "adopted"; counters: Left[] }
  /** The page ended while this file was being opened: for lack of memory, as far as one can tell. */
  | { type: "died"; name: string };

export type Carry =
  /** Fetches the chapter and gives it the event. */
  | { do: "fetch"; event: Moving }
  | { do: "read ticks" }
  | { do: "keep ticks"; ticked: string[] }
  | { do: "choose files" }
  /** `look`: there is no vault yet that could take what they hold. */
  | { do: "open files"; files: unknown[]; look: boolean }
  | { do: "try password"; typed: string }
  | { do: "skip file" }
  | { do: "stop" }
  | { do: "adopt"; method: UnlockMethod; typed: string }
  | Away;

/** leavingEffects.ts */
export type Away =
  | { do: "may leave"; way: WayOut; ids: string[] | null }
  | { do: "prove"; method: UnlockMethod; typed: string; way: WayOut; ids: string[] | null }
  | { do: "write"; way: WayOut; ids: string[] | null; password: string }
  | { do: "print" }
  | { do: "save page"; codes: Drawn[] };
