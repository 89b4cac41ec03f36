import { listing } from "./listing.ts";
import type { AddEvent, Effect, Event, ListEvent, Settings, Sheet, SheetEvent, State, Surroundings, VaultEvent } from "./model.ts";
import type { Moving } from "./movingTypes.ts";
import { type Step, noEffects } from "./step.ts";
import { vaulting } from "./vaulting.ts";

export function start(settings: Settings, around: Surroundings): Step {
  return [{ phase: { at: "loading" }, sheet: null, toast: null, inbox: [], given: [], wanted: null, settings, around }, [{ do: "start" }]];
}

/** The chapter on moving in and out, which nobody's first codes wait for: until it is here its events wait. */
let chapter: ((state: State, event: Moving) => Step | null) | null = null;
export const learn = (learned: typeof chapter): void => void (chapter = learned);

function moving(state: State, event: Event): Step | null {
  if (event.type !== "moving") return null;
  return chapter ? chapter(state, event.is) : [state, [{ do: "moving", is: { do: "fetch", event: event.is } }]];
}

/** The chapters that the first codes do not wait for (late.ts): until they are here, their events wait. */
let late: ((state: State, event: Event) => Step | null) | null = null;
export const learnLate = (learned: typeof late): void => void (late = learned);

const wait = (state: State, event: Event): Step => [state, [{ do: "learn", event }]];

/** The whole behaviour of the app: no clock, no browser, no secret kept longer than its screen. */
export function next(state: State, event: Event): Step {
  const [after, effects] =
    moving(state, event) ?? vaulting(state, event as VaultEvent) ?? listing(state, event as ListEvent) ?? (late ?? wait)(state, event) ?? noEffects(state);
  const left = state.sheet && state.sheet.at !== after.sheet?.at ? LEAVING[state.sheet.at] : undefined;
  const all = [...(left ? [left] : []), ...effects];
  if (event.type !== "opened" || after.phase.at !== "open") return [after, all];
  // Now there is a vault for what came before it was open.
  if (after.given.length > 0) all.push({ do: "moving", is: { do: "fetch", event: { type: "files given", files: after.given } } });
  if (after.inbox.length === 0 && !after.wanted) return [after, all];
  const [then, more] = next(after, { type: "go on" });
  return [then, [...all, ...more]];
}

// Each event has one owner by type: a reducer cannot name an event outside its union, and the unions are disjoint. The
// order of the reducers in `next` therefore decides nothing.
type Twice =
  | ("moving" & (VaultEvent | ListEvent | SheetEvent | AddEvent)["type"])
  | (VaultEvent["type"] & (ListEvent | SheetEvent | AddEvent)["type"])
  | (ListEvent["type"] & (SheetEvent | AddEvent)["type"])
  | (SheetEvent["type"] & AddEvent["type"]);
true satisfies [Twice] extends [never] ? true : false;

/** What a sheet must not leave running, in whichever way it goes. */
const LEAVING: Partial<Record<Sheet["at"], Effect>> = {
  add: { do: "stop camera" },
  found: { do: "stop preview" },
  restore: { do: "forget backup" },
  opening: { do: "moving", is: { do: "stop" } },
  leave: { do: "moving", is: { do: "stop" } },
};
