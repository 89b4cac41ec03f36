import type { Emit, Phase, Way } from "../app/model.ts";
import { Note, Passphrase, Text, valueOf } from "./Field.tsx";
import { Mark } from "./Icon.tsx";
import { say } from "./say.ts";

/** The field for a passphrase or a recovery key: when unlocking, and when opening a backup. */
export function KeyField({ way, id }: { way: Way; id: string }) {
  return way === "passphrase" ? (
    <Passphrase id={id} label={say("passphrase")} autofocus />
  ) : (
    <Text id={id} label={say("recovery")} hint={say("recovery.hint")} mono autofocus />
  );
}

export function Locked({ phase, emit }: { phase: Extract<Phase, { at: "locked" }>; emit: Emit }) {
  const other = phase.ways.find((way) => way !== phase.way);
  return (
    <main class="stage">
      <Mark />
      <h1 tabIndex={-1}>{say("locked.title")}</h1>
      {phase.ways.length === 0 ? <p>{say("locked.noway")}</p> : null}
      <form
        key={phase.way}
        onSubmit={(event) => {
          event.preventDefault();
          emit({ type: "unlock", typed: valueOf(event.currentTarget, "key") });
        }}
      >
        <KeyField way={phase.way} id="key" />
        <Note note={phase.note} />
        <button type="submit" class="button main whole" aria-disabled={phase.busy}>
          {phase.busy ? say("locked.working") : say("locked.unlock")}
        </button>
      </form>
      {other ? (
        <button type="button" class="quiet-button" onClick={() => emit({ type: "unlock way", way: other })}>
          {say(other === "recovery" ? "locked.recovery" : "locked.passphrase")}
        </button>
      ) : null}
    </main>
  );
}
