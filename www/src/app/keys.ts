import type { Event, State } from "./model.ts";

export interface Key {
  key: string;
  /** Ctrl, Alt or the command key is held. */
  held: boolean;
  /** The focus is in a field where letters are text. */
  typing: boolean;
}

/** What a key means on the list; null when it means nothing to us. `"search"` puts the focus there. */
export function meaning(state: State, { key, held, typing }: Key): Event | "search" | null {
  if (state.phase.at !== "open" || state.sheet || held) return null;
  if (key === "ArrowDown") return { type: "move selection", by: 1 };
  if (key === "ArrowUp") return { type: "move selection", by: -1 };
  if (typing) {
    if (key === "Escape" && state.phase.query !== "") return { type: "search", query: "" };
    return key === "Enter" ? { type: "move selection", by: 1 } : null;
  }
  const { selected } = state.phase;
  switch (key) {
    case "/":
      return "search";
    case "a":
      return { type: "open sheet", at: "add" };
    case "l":
      return { type: "lock" };
    case "n":
      return selected ? { type: "next code", id: selected } : null;
    case "?":
      return { type: "open sheet", at: "help" };
    default:
      return null;
  }
}
