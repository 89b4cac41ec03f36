import type { Emit, Phase, UnlockMethod } from "../app/model.ts";
import { Note, Passphrase, Text, valueOf } from "./Field.tsx";
import { Mark } from "./Icon.tsx";
import { say } from "./say.ts";

/** The field for a passphrase or a recovery key: when unlocking, and when opening a backup. */
export function KeyField({ method, id }: { method: UnlockMethod; id: string }) {
  return method === "passphrase" ? (
    <Passphrase id={id} label={say("passphrase")} autofocus />
  ) : (
    <Text id={id} label={say("recovery")} hint={say("recovery.hint")} mono autofocus />
  );
}

export function Locked({ phase, emit }: { phase: Extract<Phase, { at: "locked" }>; emit: Emit }) {
  return (
    <main class="stage">
      <Mark />
      <h1 tabIndex={-1}>{say("locked.title")}</h1>
      {phase.methods.length === 0 ? <p>{say("locked.noway")}</p> : phase.gone ? <p>{say("locked.gone")}</p> : null}
      {phase.methods.length === 0 ? null : <Way phase={phase} emit={emit} />}
      <details open={phase.methods.length === 0}>
        <summary>{say("locked.stuck")}</summary>
        <Doors emit={emit} />
      </details>
    </main>
  );
}

/** The ways on from a screen that cannot go on. */
export const Doors = ({ emit }: { emit: Emit }) => (
  <div class="actions">
    <button type="button" class="button" onClick={() => emit({ type: "open door", at: "over" })}>
      {say("locked.over")}
    </button>
    <button type="button" class="button" onClick={() => emit({ type: "open door", at: "restore" })}>
      {say("restore.title")}
    </button>
  </div>
);

function Way({ phase, emit }: { phase: Extract<Phase, { at: "locked" }>; emit: Emit }) {
  const other = phase.methods.find((method) => method !== phase.method);
  return (
    <>
      <form
        key={phase.method}
        onSubmit={(event) => {
          event.preventDefault();
          emit({ type: "unlock", typed: valueOf(event.currentTarget, "key") });
        }}
      >
        <KeyField method={phase.method} id="key" />
        <Note note={phase.note} />
        <button type="submit" class="button main whole" aria-disabled={phase.busy}>
          {phase.busy ? say("locked.working") : say("locked.unlock")}
        </button>
      </form>
      {other ? (
        <button type="button" class="quiet-button" onClick={() => emit({ type: "unlock method", method: other })}>
          {say(other === "recovery" ? "locked.recovery" : "locked.passphrase")}
        </button>
      ) : null}
    </>
  );
}
