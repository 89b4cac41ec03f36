import type { Emit, Phase, Surroundings } from "../app/model.ts";
import { Actions, Note, Passphrase, Choice, valueOf } from "./Field.tsx";
import { Mark } from "./Icon.tsx";
import { say } from "./say.ts";

/** The first ten seconds: what this is, and one choice. */
export function Welcome({ phase, around, emit }: { phase: Extract<Phase, { at: "welcome" }>; around: Surroundings; emit: Emit }) {
  if (phase.step === "passphrase") return <Choose phase={phase} emit={emit} />;
  return (
    <main class="stage">
      <Mark />
      <h1 tabIndex={-1}>{say("welcome.title")}</h1>
      <ul class="lines">
        <li>{say("welcome.one")}</li>
        <li>{say("welcome.two")}</li>
        <li>{say("welcome.three")}</li>
      </ul>
      {around.iosTab ? <p class="note caution">{say("welcome.ios")}</p> : null}
      <div class="ways">
        <Choice main icon="lock" title={say("welcome.passphrase")} line={say("welcome.passphrase.line")} onClick={() => emit({ type: "welcome step", step: "passphrase" })} />
        <Choice icon="go" title={say("welcome.now")} line={say("welcome.now.line")} onClick={() => emit({ type: "begin without passphrase" })} />
        <Choice icon="folder" title={say("welcome.move")} line={say("welcome.move.line")} onClick={() => emit({ type: "moving", is: { type: "show apps" } })} />
      </div>
      <Note note={phase.note} />
    </main>
  );
}

function Choose({ phase, emit }: { phase: Extract<Phase, { at: "welcome" }>; emit: Emit }) {
  return (
    <main class="stage">
      <Mark />
      <h1 tabIndex={-1}>{say("passphrase.choose")}</h1>
      <p>{say("passphrase.why")}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          emit({ type: "begin with passphrase", passphrase: valueOf(form, "new-passphrase"), again: valueOf(form, "again") });
        }}
      >
        <Passphrase id="new-passphrase" label={say("passphrase")} fresh autofocus hint={say("passphrase.advice")} />
        <Passphrase id="again" label={say("passphrase.again")} fresh />
        <Note note={phase.note} />
        <Actions>
          <button type="button" class="button" aria-disabled={phase.busy} onClick={() => emit({ type: "welcome step", step: "intro" })}>
            {say("back")}
          </button>
          <button type="submit" class="button main" aria-disabled={phase.busy}>
            {phase.busy ? say("passphrase.working") : say("passphrase.start")}
          </button>
        </Actions>
      </form>
    </main>
  );
}
