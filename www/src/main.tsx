import "../tokens.css";
import "./app.css";
import { render } from "preact";
import { run, seenAgain } from "./app/effects.ts";
import { type Texts, direction, languageFor } from "./app/i18n.ts";
import { meaning } from "./app/keys.ts";
import type { Effect, Event as Happening, State } from "./app/model.ts";
import { next, start } from "./app/state.ts";
import { given } from "./ports/clipboard.ts";
import { keepOffline, surroundings } from "./ports/install.ts";
import { settings, show } from "./ports/settings.ts";
import { persist } from "./ports/storage.ts";
import { App } from "./screens/App.tsx";
import { language, speak } from "./screens/say.ts";

const LOCK_AFTER_MS = 10 * 60_000; // hidden for longer than one looks something up elsewhere

const texts: Record<string, () => Promise<{ default: Texts }>> = {
  de: () => import("./text/de.json"),
};

const root = document.getElementById("app");
if (!root) throw new Error("the page has no place for the app");

let state: State;
let drawn = false;

function take([after, effects]: [State, Effect[]]): void {
  const before = state;
  state = after;
  if (before?.settings !== state.settings) look();
  if (!drawn) {
    drawn = true;
    queueMicrotask(draw); // Several events of one moment are one picture.
  }
  for (const effect of effects) run(effect, emit);
}

const emit = (event: Happening): void => take(next(state, event));

function draw(): void {
  drawn = false;
  if (root) render(<App state={state} emit={emit} />, root);
}

/** The colours and the language, as chosen. */
function look(): void {
  const wanted = languageFor(state.settings.language, navigator.languages);
  show(state.settings.theme, wanted, direction(wanted));
  if (wanted === language()) return;
  void (texts[wanted]?.() ?? Promise.resolve(null)).then((file) => {
    speak(wanted, file?.default ?? null);
    draw();
  });
}

const tell = (around: Partial<State["around"]>): void => emit({ type: "around", around });
const around = surroundings((change) => tell(change));
take(start(settings(), around));
void keepOffline(tell).catch(() => undefined); // Without it the app works, with a network.
void persist().then((persistent) => tell({ persistent }));

/** Accounts that come by a link: read once, and gone from the address at once. */
function takeLink(): void {
  const hash = location.hash;
  if (hash === "") return;
  history.replaceState(null, "", location.pathname);
  if (hash === "#add") emit({ type: "open sheet", at: "add" });
  if (!hash.startsWith("#add=")) return;
  try {
    emit({ type: "text given", text: decodeURIComponent(hash.slice("#add=".length)) });
  } catch {
    emit({ type: "text given", text: "" }); // Cut off on its way: the sheet says that there was nothing to read.
  }
}
takeLink();
addEventListener("hashchange", takeLink);

addEventListener("keydown", (event) => {
  const target = event.target as HTMLElement | null;
  const typing = target?.matches?.("input, textarea, select") ?? false;
  const means = meaning(state, { key: event.key, held: event.ctrlKey || event.metaKey || event.altKey, typing });
  if (means === null) return;
  event.preventDefault();
  if (means === "search") document.getElementById("search")?.focus();
  else emit(means);
});

function takeData(event: ClipboardEvent | DragEvent, data: DataTransfer | null): void {
  const target = event.target as HTMLElement | null;
  const got = given(data);
  if (!got || state.phase.at !== "open") return;
  // Text that is pasted into a field belongs there; a picture cannot.
  if ("text" in got && target?.matches?.("input, textarea")) return;
  event.preventDefault();
  emit("file" in got ? { type: "picture given", file: got.file } : { type: "text given", text: got.text });
}
addEventListener("paste", (event) => takeData(event, event.clipboardData));
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  takeData(event, event.dataTransfer);
});

let hiddenAt = 0;
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    hiddenAt = Date.now();
    return;
  }
  if (hiddenAt > 0 && Date.now() - hiddenAt > LOCK_AFTER_MS) emit({ type: "hidden for long" });
  seenAgain(emit);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", look);
