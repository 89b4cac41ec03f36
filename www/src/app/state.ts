import { adding } from "./adding.ts";
import { listing } from "./listing.ts";
import type { AddEvent, Effect, Event, ListEvent, Settings, Sheet, SheetEvent, State, Surroundings, VaultEvent } from "./model.ts";
import type { Moving } from "./movingTypes.ts";
import { sheets } from "./sheets.ts";
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

/** The whole behaviour of the app: no clock, no browser, no secret kept longer than its screen. */
export function next(state: State, event: Event): Step {
  const [after, effects] =
    moving(state, event) ?? vaulting(state, event as VaultEvent) ?? adding(state, event as AddEvent) ?? sheets(state, event as SheetEvent) ?? listing(state, event as ListEvent) ?? noEffects(state);
  const left = state.sheet && state.sheet.at !== after.sheet?.at ? LEAVING[state.sheet.at] : undefined;
  // Now there is a vault that can take them.
  const waited: Effect[] = event.type === "opened" && after.phase.at === "open" && after.given.length > 0 ? [{ do: "moving", is: { do: "fetch", event: { type: "files given", files: after.given } } }] : [];
  return [after, [...(left ? [left] : []), ...effects, ...waited]];
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
