import { recoverySaved } from "../app/list.ts";
import type { Emit, Open, Sheet as AnySheet } from "../app/model.ts";
import { Actions, Note, Passphrase, Text, valueOf } from "./Field.tsx";
import { say } from "./say.ts";
import { Sheet } from "./Sheet.tsx";

type At<T extends AnySheet["at"]> = Extract<AnySheet, { at: T }>;

export function PassphraseSheet({ sheet, open, emit }: { sheet: At<"passphrase">; open: Open; emit: Emit }) {
  if (sheet.step === "prove") return <Prove sheet={sheet} emit={emit} />;
  const why = { settings: "passphrase.why", lock: "passphrase.why.lock", backup: "passphrase.why.backup" }[sheet.then];
  const changes = open.slots.some(({ kind }) => kind === "passphrase");
  return (
    <Sheet title={say("passphrase.choose")} emit={emit} firm>
      <p>{say(why)}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          emit({ type: "set passphrase", passphrase: valueOf(form, "new-passphrase"), again: valueOf(form, "again"), master: valueOf(form, "master") !== "" });
        }}
      >
        <Passphrase id="new-passphrase" label={say("passphrase")} fresh autofocus hint={say("passphrase.advice")} />
        <Passphrase id="again" label={say("passphrase.again")} fresh />
        {changes ? (
          <>
            <p class="note caution">{say("passphrase.older")}</p>
            <label class="tick">
              <input type="checkbox" name="master" />
              {say("passphrase.master")}
            </label>
            <p class="hint">{say("passphrase.master.hint")}</p>
          </>
        ) : null}
        <Note note={sheet.note} />
        <Actions>
          <button type="button" class="button" onClick={() => emit({ type: "close sheet" })}>
            {say("later")}
          </button>
          <button type="submit" class="button main" aria-disabled={sheet.busy}>
            {say(sheet.busy ? "passphrase.working" : "passphrase.save")}
          </button>
        </Actions>
      </form>
    </Sheet>
  );
}

/** The new passphrase once more, tried on what was stored: until it opens that, the copy that the old one opens stays. */
function Prove({ sheet, emit }: { sheet: At<"passphrase">; emit: Emit }) {
  return (
    <Sheet title={say("prove.title")} emit={emit} firm held>
      <p>{say("prove.line")}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          emit({ type: "prove passphrase", typed: valueOf(event.currentTarget, "prove") });
        }}
      >
        <Passphrase id="prove" label={say("prove.label")} autofocus />
        <Note note={sheet.note} />
        <Actions>
          <button type="button" class="button" onClick={() => emit({ type: "leave proof" })}>
            {say("later")}
          </button>
          <button type="submit" class="button main" aria-disabled={sheet.busy}>
            {say(sheet.busy ? "locked.working" : "prove.check")}
          </button>
        </Actions>
      </form>
    </Sheet>
  );
}

export function RecoverySheet({ sheet, open, emit }: { sheet: At<"recovery">; open: Open; emit: Emit }) {
  if (sheet.key === null && !sheet.busy && recoverySaved(open.slots)) {
    return (
      <Sheet title={say("recovery")} emit={emit}>
        <p>{say("recovery.have")}</p>
        <Actions>
          <button type="button" class="button" onClick={() => emit({ type: "new recovery key" })}>
            {say("recovery.new")}
          </button>
        </Actions>
      </Sheet>
    );
  }
  const device = open.slots.some(({ kind }) => kind === "device");
  return (
    <Sheet title={say("recovery.title")} emit={emit} firm>
      <p>{say(device ? "recovery.why.device" : "recovery.why")}</p>
      {sheet.replaced ? <p class="note caution">{say("recovery.replaced")}</p> : null}
      <p class="recovery-key" aria-label={say("recovery")} aria-busy={sheet.key === null}>
        {(sheet.key ?? "·····-·····-·····-·····-·····-·····-·····").split("-").map((group, at) => (
          <span key={at}>{group}</span>
        ))}
      </p>
      <p class="hint">{say("recovery.write")}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          emit({ type: "recovery typed", typed: valueOf(event.currentTarget, "recovery-typed") });
        }}
      >
        <Text id="recovery-typed" label={say("recovery.type")} hint={say("recovery.hint")} mono />
        <Note note={sheet.note} />
        <Actions>
          <button type="button" class="button" onClick={() => emit({ type: "close sheet" })}>
            {say("later")}
          </button>
          <button type="submit" class="button main" aria-disabled={sheet.busy || sheet.key === null}>
            {say("recovery.check")}
          </button>
        </Actions>
      </form>
    </Sheet>
  );
}
