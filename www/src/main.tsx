import "../tokens.css";
import "./app.css";
import { render } from "preact";
import { run, seenAgain } from "./app/effects.ts";
import { direction, languageFor } from "./app/i18n.ts";
import { meaning } from "./app/keys.ts";
import { LANGUAGES, textsOf } from "./app/languages.ts";
import type { Effect, Event as Happening, State } from "./app/model.ts";
import { next, start } from "./app/state.ts";
import { given } from "./ports/clipboard.ts";
import { type Instant, instant, passed } from "./ports/clock.ts";
import { keepOffline, surroundings } from "./ports/install.ts";
import { loadPart } from "./ports/part.ts";
import { hearSettings, mark, settings, show } from "./ports/settings.ts";
import { persistent } from "./ports/storage.ts";
import { App } from "./screens/App.tsx";
import { language, speak } from "./screens/say.ts";

const LOCK_AFTER_MS = 10 * 60_000; // hidden for longer than one looks something up elsewhere

const QUIET_MS = 3_000; // after the codes, and whatever is tapped first

const root = document.getElementById("app");
if (!root) throw new Error("the page has no place for the app");

let state: State;
let drawn = false;

/** A file whose password asks for more memory than there is may end the whole page: then this is its name. */
let died = mark();

function take([after, effects]: [State, Effect[]]): void {
  const before = state;
  state = after;
  if (before?.settings !== state.settings) look();
  if (!drawn) {
    drawn = true;
    queueMicrotask(draw); // Several events of one moment are one picture.
  }
  for (const effect of effects) run(effect, emit);
  if (died === null || (state.phase.at !== "open" && state.phase.at !== "welcome")) return;
  const name = died;
  died = null;
  emit({ type: "moving", is: { type: "died", name } });
}

const emit = (event: Happening): void => take(next(state, event));

function draw(): void {
  drawn = false;
  if (root && !silent) render(<App state={state} emit={emit} />, root);
}

/** The language that was chosen last. */
let wish = "en";
/** Nothing is drawn while the first language is on its way, so that nobody reads English first. */
let silent = false;
const PATIENCE_MS = 1_500; // Then English is better than nothing.

/** The colours and the language, as chosen. */
function look(): void {
  const { theme } = state.settings;
  const first = wish;
  wish = languageFor(state.settings.language, navigator.languages, LANGUAGES);
  const wanted = wish;
  show(theme, language(), direction(language()));
  if (wanted === language()) return;
  if (first === language() && root?.childElementCount === 0) {
    silent = true;
    setTimeout(speaks, PATIENCE_MS);
  }
  // Without a network, and not kept yet: what is spoken stays, until the next start.
  void textsOf(wanted).then((texts) => {
    if (wish !== wanted) return; // Chosen otherwise while the file was on its way.
    speak(wanted, texts);
    show(state.settings.theme, wanted, direction(wanted));
  }).then(speaks, speaks);
}

function speaks(): void {
  silent = false;
  draw();
}

const tell = (around: Partial<State["around"]>): void => emit({ type: "around", around });
const around = surroundings((change) => tell(change));
take(start(settings(), around));
void keepOffline(tell).catch(() => undefined); // Without it the app works, with a network.
setTimeout(() => void loadPart(() => import("./ports/server.ts"), ({ watchServer }) => watchServer(tell), () => undefined), QUIET_MS);
void persistent(false).then((is) => tell({ persistent: is }));
hearSettings((heard) => emit({ type: "settings elsewhere", settings: heard }));

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
  if (!got) return;
  if ("files" in got) {
    event.preventDefault();
    return emit({ type: "moving", is: { type: "files given", files: got.files } });
  }
  // Another sheet may hold what is not saved yet.
  if (state.phase.at !== "open" || (state.sheet && state.sheet.at !== "add")) return;
  // Text that is pasted into a field belongs there.
  if (target?.matches?.("input, textarea")) return;
  event.preventDefault();
  emit({ type: "text given", text: got.text });
}
addEventListener("paste", (event) => takeData(event, event.clipboardData));
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  takeData(event, event.dataTransfer);
});

/** Since when nobody looks. */
let hiddenAt: Instant | null = null;
let lockTimer: ReturnType<typeof setTimeout>;
const lockWhenLong = (): void => {
  if (hiddenAt && passed(hiddenAt, instant()) >= LOCK_AFTER_MS) emit({ type: "hidden for long" });
};
function hide(): void {
  if (hiddenAt) return;
  // In this very task: the picture that a phone keeps of the page is taken after it.
  root?.classList.add("covered");
  hiddenAt = instant();
  lockTimer = setTimeout(lockWhenLong, LOCK_AFTER_MS);
  emit({ type: "hidden" });
}
function see(): void {
  clearTimeout(lockTimer);
  lockWhenLong(); // Timers do not run on a phone that sleeps.
  hiddenAt = null;
  emit({ type: "seen" });
  seenAgain(emit);
  queueMicrotask(() => root?.classList.remove("covered")); // after what was decided is drawn
}
document.addEventListener("visibilitychange", () => (document.hidden ? hide() : see()));
document.addEventListener("freeze", hide);
addEventListener("pagehide", hide);
addEventListener("pageshow", ({ persisted }) => persisted && !document.hidden && see());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", look);
