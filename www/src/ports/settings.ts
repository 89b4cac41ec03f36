import type { Settings } from "../app/model.ts";

const KEY = "portcullis.settings";
const USUAL: Settings = { theme: "system", language: "system", backupMs: 0, backupChecked: -1 };

/** What this person chose on this device: nothing that is worth hiding. */
export function settings(): Settings {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Settings>;
    return {
      theme: kept.theme === "light" || kept.theme === "dark" ? kept.theme : "system",
      language: typeof kept.language === "string" ? kept.language : "system",
      backupMs: Number.isSafeInteger(kept.backupMs) ? (kept.backupMs as number) : 0,
      backupChecked: Number.isSafeInteger(kept.backupChecked) ? (kept.backupChecked as number) : -1,
    };
  } catch {
    return USUAL;
  }
}

const MARK = "portcullis.opening";

/** The mark of the page before this one, and no longer: name and size of the file that it was opening when it ended. */
export function mark(name?: string | null): string | null {
  try {
    const before = sessionStorage.getItem(MARK);
    if (name) sessionStorage.setItem(MARK, name);
    else sessionStorage.removeItem(MARK);
    return before;
  } catch {
    return null; // Without a storage there is no next start that could say it.
  }
}

/** `tell` hears what another tab chose, so that nothing old is written over it. */
export function hearSettings(tell: (settings: Settings) => void): void {
  addEventListener("storage", ({ key }) => {
    if (key === KEY) tell(settings());
  });
}

export function keepSettings(kept: Settings): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // A full or forbidden storage costs a choice of colours, no more.
  }
}

/** The theme and language on the page itself. */
export function show(theme: Settings["theme"], language: string, direction: "ltr" | "rtl"): void {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset["theme"];
  else root.dataset["theme"] = theme;
  root.lang = language;
  root.dir = direction;
  const dark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  for (const meta of document.querySelectorAll('meta[name="theme-color"]')) meta.setAttribute("content", dark ? "#121417" : "#FBFAF7");
}
