import type { Emit, Open, Sheet as AnySheet } from "../app/model.ts";
import { Actions, Note, valueOf } from "./Field.tsx";
import { KeyField } from "./Locked.tsx";
import { say } from "./say.ts";
import { Sheet } from "./Sheet.tsx";

type At<T extends AnySheet["at"]> = Extract<AnySheet, { at: T }>;

const STRONG_KIB = 65_536; // what a passphrase costs in memory where a device can

export function Backup({ sheet, open, emit }: { sheet: At<"backup">; open: Open; emit: Emit }) {
  const byPassphrase = open.slots.some(({ kind }) => kind === "passphrase");
  return (
    <Sheet title={say("backup.title")} emit={emit}>
      <p>{say("backup.line", { count: open.entries.length })}</p>
      <p>{say(byPassphrase ? "backup.by.passphrase" : "backup.by.recovery")}</p>
      {open.slots.some(({ kdf }) => kdf && kdf.memoryKib < STRONG_KIB) ? <p class="note caution">{say("backup.weak")}</p> : null}
      <Note note={sheet.note} />
      <Actions>
        <button type="button" class="button" onClick={() => emit({ type: "open sheet", at: "restore" })}>
          {say("backup.check")}
        </button>
        <button type="button" class="button main" aria-disabled={sheet.busy} onClick={() => emit({ type: "make backup" })}>
          {say("backup.save")}
        </button>
      </Actions>
    </Sheet>
  );
}

/** `adopt`: no vault is open, and the backup becomes that of this device. */
export function Restore({ sheet, adopt, emit }: { sheet: At<"restore">; adopt: boolean; emit: Emit }) {
  const { info } = sheet;
  const other = sheet.method === "passphrase" ? "recovery" : "passphrase";
  const hasOther = info?.slots.some(({ kind }) => kind === other) ?? false;
  return (
    <Sheet title={say("restore.title")} emit={emit} firm>
      <p>{say(adopt ? "restore.adopt" : "restore.line")}</p>
      <Actions>
        <button type="button" class={info ? "button" : "button main"} onClick={() => emit({ type: "pick backup" })}>
          {info ? say("restore.other") : say("restore.pick")}
        </button>
      </Actions>
      {info ? (
        <form
          key={sheet.method}
          onSubmit={(event) => {
            event.preventDefault();
            emit({ type: "open backup", typed: valueOf(event.currentTarget, "backup-key") });
          }}
        >
          <p class="file-name">{sheet.name}</p>
          <KeyField method={sheet.method} id="backup-key" />
          <Note note={sheet.note} />
          <Actions>
            {hasOther ? (
              <button type="button" class="quiet-button" onClick={() => emit({ type: "backup method", method: other })}>
                {say(other === "recovery" ? "locked.recovery" : "locked.passphrase")}
              </button>
            ) : null}
            <button type="submit" class="button main" aria-disabled={sheet.busy}>
              {say(sheet.busy ? "locked.working" : "restore.open")}
            </button>
          </Actions>
        </form>
      ) : (
        <Note note={sheet.note} />
      )}
    </Sheet>
  );
}
