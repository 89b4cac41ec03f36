import { useEffect, useState } from "preact/hooks";
import type { Emit, State } from "../app/model.ts";
import { Mark } from "./Icon.tsx";
import { List } from "./List.tsx";
import { Locked } from "./Locked.tsx";
import { say, sayWords } from "./say.ts";
import { Welcome } from "./Welcome.tsx";

/** The whole screen for a state. */
export function App({ state, emit }: { state: State; emit: Emit }) {
  const Sheets = useSheets();
  const { sheet, phase } = state;
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
      {/* Said by a region that is always there, shown by a layer that comes and goes. */}
      <p class="spoken" role="status" aria-live="polite">
        {state.toast ? sayWords(state.toast.words) : ""}
      </p>
      <div class="toasts" role="region" aria-label={say("toast")} popover="manual" ref={(node) => void (node && raise(node, state))}>
        {state.toast ? (
          <p class="toast" key={state.toast.id}>
            <span>{sayWords(state.toast.words)}</span>
            {state.toast.undo ? (
              <button type="button" onClick={() => emit({ type: "undo" })}>
                {say("undo")}
              </button>
            ) : null}
          </p>
        ) : null}
      </div>
      {sheet && phase.at === "open" && Sheets ? <Sheets state={state} sheet={sheet} open={phase} emit={emit} /> : null}
    </>
  );
}

/** Keeps the toast above everything, also above a sheet that opened later. */
function raise(node: HTMLElement, state: State): void {
  if (!("showPopover" in node)) return;
  const shown = node.matches(":popover-open");
  if (state.toast && !shown) node.showPopover();
  if (!state.toast && shown) node.hidePopover();
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
          <h1>{say(phase.taken ? "elsewhere.taken" : "elsewhere.title")}</h1>
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
          <h1>{say("broken.title")}</h1>
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

/**
 * The sheets come after the codes: what shows them first is as small as it can be. Most sentences come with them, so
 * everything is drawn again when they are there.
 */
function useSheets() {
  const [Sheets, got] = useState<typeof import("./Sheets.tsx").Sheets | null>(null);
  useEffect(() => {
    void import("./Sheets.tsx").then(({ Sheets }) => got(() => Sheets));
  }, []);
  return Sheets;
}
