import type { Emit, OverSheet } from "../app/model.ts";
import { Actions, Note, Text, valueOf } from "./Field.tsx";
import { say } from "./say.ts";
import { Sheet } from "./Sheet.tsx";

/** Starting over: first the file, then a word that nobody types by accident. */
export function Over({ sheet, emit }: { sheet: OverSheet; emit: Emit }) {
  const word = say("over.word");
  return (
    <Sheet title={say("over.title")} emit={emit} firm>
      <p>{say("over.line")}</p>
      <p>{say("over.file")}</p>
      <Actions>
        <button type="button" class={sheet.saved ? "button" : "button main"} onClick={() => emit({ type: "save old" })}>
          {say("over.save")}
        </button>
      </Actions>
      {sheet.saved ? <p role="status">{say("over.saved")}</p> : null}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          emit({ type: "start over", typed: valueOf(event.currentTarget, "over-word"), word });
        }}
      >
        <Text id="over-word" label={say("over.type", { word })} />
        <Note note={sheet.note} />
        <Actions>
          <button type="button" class="button" onClick={() => emit({ type: "close sheet" })}>
            {say("cancel")}
          </button>
          <button type="submit" class="button danger" aria-disabled={sheet.busy}>
            {say("over.go")}
          </button>
        </Actions>
      </form>
    </Sheet>
  );
}
