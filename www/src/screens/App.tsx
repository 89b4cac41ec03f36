import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Emit, State } from "../app/model.ts";
import { loadPart } from "../ports/part.ts";
import { Mark } from "./Icon.tsx";
import { List } from "./List.tsx";
import { Locked } from "./Locked.tsx";
import { Said } from "./said.ts";
import { say, sayWords } from "./say.ts";
import { Welcome } from "./Welcome.tsx";

/** The whole screen for a state. */
export function App({ state, emit }: { state: State; emit: Emit }) {
  const { sheet, phase } = state;
  const stuck = phase.at === "elsewhere" || phase.at === "broken" || (phase.at === "loading" && phase.waits) ? phase : null;
  const late = useLate(sheet !== null || stuck !== null, emit);
  useFocus();
  const above = sheet && late ? { Sheets: late.Sheets, sheet, open: phase.at === "open" ? phase : null } : null;
  return (
    <>
      {state.around.updateReady ? (
        <aside class="update" aria-label={say("update.label")}>
          <span>{say("update.ready")}</span>
          <button type="button" class="button" onClick={() => emit({ type: "update now" })}>
            {say("update.now")}
          </button>
        </aside>
      ) : null}
      {stuck && late ? <late.Stuck phase={stuck} emit={emit} /> : <Stage state={state} emit={emit} />}
      <Toast state={state} emit={emit} hidden={above !== null} />
      {above ? (
        <Said.Provider value={<Toast state={state} emit={emit} hidden={false} />}>
          <above.Sheets state={state} sheet={above.sheet} open={above.open} emit={emit} />
        </Said.Provider>
      ) : null}
    </>
  );
}

/** Said by a region that is always there, shown by a layer that comes and goes. */
function Toast({ state, emit, hidden }: { state: State; emit: Emit; hidden: boolean }) {
  const said = state.toast;
  const toast = hidden ? null : said;
  return (
    <>
      <p class="spoken" role="status" aria-live="polite">
        {said ? sayWords(said.words) : ""}
      </p>
      <div class="toasts" role="region" aria-label={say("toast")} popover="manual" ref={(node) => void (node && raise(node, toast !== null))}>
        {toast ? (
          <p class="toast" key={toast.id}>
            <span>{sayWords(toast.words)}</span>
            {toast.undo ? (
              <button type="button" onClick={() => emit({ type: "undo" })}>
                {say("undo")}
              </button>
            ) : null}
          </p>
        ) : null}
      </div>
    </>
  );
}

/**
 * When what had the focus has gone from the screen, the heading gets it: the next Tab goes on from there, and a screen
 * reader says where one is.
 */
function useFocus(): void {
  const had = useRef<Element | null>(null);
  useLayoutEffect(() => {
    const hear = ({ target }: FocusEvent): void => {
      had.current = target as Element;
    };
    addEventListener("focusin", hear);
    return () => removeEventListener("focusin", hear);
  }, []);
  useLayoutEffect(() => {
    const lost = had.current?.isConnected === false && document.activeElement === document.body;
    if (lost) document.querySelector<HTMLElement>(document.querySelector("dialog[open]") ? "dialog[open] h2" : "h1")?.focus();
  });
}

/** Keeps the toast above everything; a sheet that opens later raises its own again. */
function raise(node: HTMLElement, wanted: boolean): void {
  if (!("showPopover" in node)) return;
  const shown = node.matches(":popover-open");
  if (wanted && !shown) node.showPopover();
  if (!wanted && shown) node.hidePopover();
}

function Stage({ state, emit }: { state: State; emit: Emit }) {
  const { phase } = state;
  switch (phase.at) {
    case "welcome":
      return <Welcome phase={phase} around={state.around} emit={emit} />;
    case "locked":
      return <Locked phase={phase} emit={emit} />;
    case "open":
      return <List state={state} open={phase} emit={emit} />;
    default:
      return (
        <main class="stage" aria-busy="true">
          <Mark />
          <p class="quiet">{say("loading")}</p>
        </main>
      );
  }
}

const QUIET_MS = 400; // The list has grown to its end by then, on most devices.

/**
 * The sheets, and the screens that cannot go on, come after the codes: what shows them first is as small as it can be. Most
 * sentences come with them, so everything is drawn again when they are there.
 */
function useLate(wanted: boolean, emit: Emit) {
  const [late, got] = useState<typeof import("./Sheets.tsx") | null>(null);
  useEffect(() => {
    if (late) return;
    const fetch = (): void =>
      void loadPart(
        () => import("./Sheets.tsx"),
        got,
        // A first visit that lost its network. It is tried again when a sheet is wanted.
        () => {
          if (!wanted) return;
          emit({ type: "close sheet" });
          emit({ type: "failed", note: { key: "fault.NOT_HERE" } });
        },
      );
    if (wanted) return fetch();
    const timer = setTimeout(fetch, QUIET_MS);
    return () => clearTimeout(timer);
  }, [wanted]);
  return late;
}
