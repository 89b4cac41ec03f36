import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Emit, Open, State } from "../app/model.ts";
import { Mark } from "./Icon.tsx";
import { List } from "./List.tsx";
import { Locked } from "./Locked.tsx";
import { Said } from "./said.ts";
import { say, sayWords } from "./say.ts";
import { Welcome } from "./Welcome.tsx";

/** The whole screen for a state. */
export function App({ state, emit }: { state: State; emit: Emit }) {
  const { sheet, phase } = state;
  const Sheets = useSheets(sheet !== null, emit);
  useFocus();
  // Over the first screen are only sheets that need no open vault.
  const above = sheet && (phase.at === "open" || phase.at === "welcome") && Sheets ? { Sheets, sheet, phase: phase as Open } : null;
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
      <Stage state={state} emit={emit} />
      <Toast state={state} emit={emit} hidden={above !== null} />
      {above ? (
        <Said.Provider value={<Toast state={state} emit={emit} hidden={false} />}>
          <above.Sheets state={state} sheet={above.sheet} open={above.phase} emit={emit} />
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
    case "loading":
      return (
        <main class="stage" aria-busy="true">
          <Mark />
          <p class="quiet">{say("loading")}</p>
        </main>
      );
    case "welcome":
      return <Welcome phase={phase} around={state.around} emit={emit} />;
    case "locked":
      return <Locked phase={phase} emit={emit} />;
    case "elsewhere":
      return (
        <main class="stage">
          <Mark />
          <h1 tabIndex={-1}>{say(phase.taken ? "elsewhere.taken" : "elsewhere.title")}</h1>
          <p>{say("elsewhere.line")}</p>
          <button type="button" class="button main" onClick={() => emit({ type: "here please" })}>
            {say("elsewhere.here")}
          </button>
        </main>
      );
    case "broken":
      return (
        <main class="stage">
          <Mark />
          <h1 tabIndex={-1}>{say("broken.title")}</h1>
          <p>{sayWords(phase.note)}</p>
          <button type="button" class="button main" onClick={() => emit({ type: "here please" })}>
            {say("broken.again")}
          </button>
        </main>
      );
    case "open":
      return <List state={state} open={phase} emit={emit} />;
  }
}

const QUIET_MS = 400; // The list has grown to its end by then, on most devices.

/**
 * The sheets come after the codes: what shows them first is as small as it can be. Most sentences come with them, so
 * everything is drawn again when they are there.
 */
function useSheets(wanted: boolean, emit: Emit) {
  const [Sheets, got] = useState<typeof import("./Sheets.tsx").Sheets | null>(null);
  useEffect(() => {
    if (Sheets) return;
    const fetch = (): void =>
      void import("./Sheets.tsx").then(
        ({ Sheets }) => got(() => Sheets),
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
  return Sheets;
}
