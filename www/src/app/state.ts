import { adding } from "./adding.ts";
import { listing } from "./listing.ts";
import type { Effect, Event, Settings, Sheet, State, Surroundings } from "./model.ts";
import { sheets } from "./sheets.ts";
import { type Step, noEffects } from "./step.ts";
import { vaulting } from "./vaulting.ts";

export function start(settings: Settings, around: Surroundings): Step {
  return [{ phase: { at: "loading" }, sheet: null, toast: null, inbox: [], wanted: null, settings, around }, [{ do: "start" }]];
}

/** The whole behaviour of the app: no clock, no browser, no secret kept longer than its screen. */
export function next(state: State, event: Event): Step {
  const [after, effects] = vaulting(state, event) ?? adding(state, event) ?? sheets(state, event) ?? listing(state, event) ?? noEffects(state);
  const left = state.sheet && state.sheet.at !== after.sheet?.at ? LEAVING[state.sheet.at] : undefined;
  return [after, left ? [left, ...effects] : effects];
}

/** What a sheet must not leave running, in whichever way it goes. */
const LEAVING: Partial<Record<Sheet["at"], Effect>> = {
  add: { do: "stop camera" },
  found: { do: "stop preview" },
  restore: { do: "forget backup" },
};
