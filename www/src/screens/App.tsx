import type { Emit, State } from "../app/model.ts";
import { Add } from "./Add.tsx";
import { Backup, Restore } from "./Backup.tsx";
import { Found } from "./Found.tsx";
import { Mark } from "./Icon.tsx";
import { List } from "./List.tsx";
import { Locked } from "./Locked.tsx";
import { PassphraseSheet, RecoverySheet } from "./Protect.tsx";
import { Bin, Edit, Help, Menu, Qr } from "./Row.sheets.tsx";
import { say, sayWords } from "./say.ts";
import { Settings } from "./Settings.tsx";
import { Welcome } from "./Welcome.tsx";

/** The whole screen for a state. */
export function App({ state, emit }: { state: State; emit: Emit }) {
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
      <p class="spoken" role="status">
        {state.toast ? sayWords(state.toast.words) : ""}
      </p>
      <div class="toasts" popover="manual" ref={(node) => void (node && raise(node, state))}>
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
      <TopSheet state={state} emit={emit} />
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

function TopSheet({ state, emit }: { state: State; emit: Emit }) {
  const { sheet, phase } = state;
  if (!sheet || phase.at !== "open") return null;
  switch (sheet.at) {
    case "add":
      return <Add sheet={sheet} emit={emit} />;
    case "found":
      return <Found sheet={sheet} open={phase} emit={emit} />;
    case "menu":
      return <Menu sheet={sheet} open={phase} emit={emit} />;
    case "edit":
      return <Edit sheet={sheet} emit={emit} />;
    case "qr":
      return <Qr sheet={sheet} open={phase} emit={emit} />;
    case "bin":
      return <Bin open={phase} emit={emit} />;
    case "help":
      return <Help emit={emit} />;
    case "settings":
      return <Settings state={state} open={phase} emit={emit} />;
    case "passphrase":
      return <PassphraseSheet sheet={sheet} emit={emit} />;
    case "recovery":
      return <RecoverySheet sheet={sheet} open={phase} emit={emit} />;
    case "backup":
      return <Backup sheet={sheet} open={phase} emit={emit} />;
    case "restore":
      return <Restore sheet={sheet} emit={emit} />;
  }
}
