import type { Emit, Phase } from "../app/model.ts";
import { Mark } from "./Icon.tsx";
import { Doors } from "./Locked.tsx";
import { say, sayWords } from "./say.ts";

type Stuck = Extract<Phase, { at: "elsewhere" | "broken" | "loading" }>;

/** The screens that need the person to go on. */
export function Stuck({ phase, emit }: { phase: Stuck; emit: Emit }) {
  const again = (key: string) => (
    <button type="button" class="button main" onClick={() => emit({ type: "here please" })}>
      {say(key)}
    </button>
  );
  const { title, line } = words(phase);
  return (
    <main class="stage" aria-busy={phase.at === "loading"}>
      <Mark />
      <h1 tabIndex={-1}>{title}</h1>
      <p>{line}</p>
      {again(phase.at === "broken" ? "broken.again" : "elsewhere.here")}
      {phase.at === "broken" ? (
        <>
          <button type="button" class="quiet-button" onClick={() => emit({ type: "save old" })}>
            {say("over.save")}
          </button>
          <details>
            <summary>{say("broken.stuck")}</summary>
            <Doors emit={emit} />
          </details>
        </>
      ) : null}
    </main>
  );
}

function words(phase: Stuck): { title: string; line: string } {
  switch (phase.at) {
    case "loading":
      return { title: say("waits.title"), line: say("waits.line") };
    case "elsewhere":
      return { title: say(phase.taken ? "elsewhere.taken" : "elsewhere.title"), line: say("elsewhere.line") };
    case "broken":
      return phase.note ? { title: say("broken.title"), line: sayWords(phase.note) } : { title: say("newer.title"), line: say("newer.line") };
  }
}
