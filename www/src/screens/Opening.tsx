import type { ComponentChildren } from "preact";
import type { Emit } from "../app/model.ts";
import type { Moving, OpeningSheet } from "../app/movingTypes.ts";
import { Actions, Choice, Note, Passphrase, valueOf } from "./Field.tsx";
import { KeyField } from "./Locked.tsx";
import { Reasons, Said } from "./Report.tsx";
import { say } from "./say.ts";
import { Sheet } from "./Sheet.tsx";

const MIB = 1024; // KiB

/** Files on their way in, until what they hold stands in the preview. */
export function Opening({ sheet, emit }: { sheet: OpeningSheet; emit: Emit }) {
  const tell = (is: Moving): void => emit({ type: "moving", is });
  const { names, now, step } = sheet;
  const name = names[now] ?? "";
  const several = names.length > 1 && (step === "reading" || step === "password");
  return (
    <Sheet title={say(`opening.title.${step}`)} emit={emit} firm>
      {step === "refused" ? null : <p class="file-name">{step === "protect" ? names.join(", ") : name}</p>}
      {several ? <p class="quiet">{say("opening.number", { number: now + 1, total: names.length })}</p> : null}
      {step === "reading" ? <Reading emit={emit} /> : null}
      {step === "password" ? <Password key={now} sheet={sheet} several={names.length > 1} emit={emit} /> : null}
      {step === "protect" ? <Protect emit={emit} tell={tell} /> : null}
      {step === "adopt" ? <Adopt sheet={sheet} emit={emit} tell={tell} /> : null}
      {step === "refused" ? <Refused sheet={sheet} tell={tell} emit={emit} /> : null}
    </Sheet>
  );
}

const Cancel = ({ emit, children }: { emit: Emit; children?: ComponentChildren }) => (
  <Actions>
    <button type="button" class="button" onClick={() => emit({ type: "close sheet" })}>
      {say("cancel")}
    </button>
    {children}
  </Actions>
);

/** Something is at work, and nobody knows for how long. */
const Endless = ({ label }: { label: string }) => (
  <div class="progress endless" role="progressbar" aria-label={label}>
    <span />
  </div>
);

const Reading = ({ emit }: { emit: Emit }) => (
  <>
    <Endless label={say("opening.title.reading")} />
    <Cancel emit={emit} />
  </>
);

/** The file asks for its own password: never the one of this app, and the field says whose. */
function Password({ sheet, several, emit }: { sheet: OpeningSheet; several: boolean; emit: Emit }) {
  const { lock, busy } = sheet;
  if (!lock) return null;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        emit({ type: "moving", is: { type: "try password", typed: valueOf(event.currentTarget, "file-password") } });
      }}
    >
      <p>{say("opening.locked", { app: lock.title })}</p>
      {lock.tight ? <p class="note caution">{say("opening.tight", { count: Math.round(lock.memoryKib / MIB) })}</p> : null}
      <Passphrase id="file-password" label={say("opening.password", { app: lock.title })} hint={say("opening.password.hint")} autofocus />
      <Note note={sheet.note} />
      {busy ? <Trying lastsMs={sheet.lastsMs} /> : null}
      <Actions>
        {busy || !several ? (
          <button type="button" class="button" onClick={() => emit({ type: "close sheet" })}>
            {say("cancel")}
          </button>
        ) : (
          <button type="button" class="button" onClick={() => emit({ type: "moving", is: { type: "skip file" } })}>
            {say("opening.skip")}
          </button>
        )}
        <button type="submit" class="button main" aria-disabled={busy}>
          {say(busy ? "locked.working" : "opening.open")}
        </button>
      </Actions>
    </form>
  );
}

const LONG_MS = 1_500; // what lasts less is over before its sentence is read

/** Nothing comes out of the work while it lasts: the bar goes by the time that a probe told. */
function Trying({ lastsMs }: { lastsMs: number }) {
  if (lastsMs === 0) return <Endless label={say("locked.working")} />;
  return (
    <div role="status">
      <span class="progress timed" aria-hidden="true">
        <span style={{ animationDuration: `${lastsMs}ms` }} />
      </span>
      {lastsMs > LONG_MS ? <p class="hint">{say("opening.lasts", { count: Math.ceil(lastsMs / 1000) })}</p> : null}
    </div>
  );
}

/** There are no accounts here yet: what the files hold needs a place first. */
function Protect({ emit, tell }: { emit: Emit; tell: (is: Moving) => void }) {
  const then = (event: Parameters<Emit>[0]) => () => {
    tell({ type: "protect first" });
    emit(event);
  };
  return (
    <>
      <p>{say("opening.protect")}</p>
      <div class="ways">
        <Choice main icon="lock" title={say("welcome.passphrase")} line={say("welcome.passphrase.line")} onClick={then({ type: "welcome step", step: "passphrase" })} />
        <Choice icon="go" title={say("welcome.now")} line={say("welcome.now.line")} onClick={then({ type: "begin without passphrase" })} />
      </div>
    </>
  );
}

/** A backup of our own on a device that has no accounts: it becomes what is stored here. */
function Adopt({ sheet, emit, tell }: { sheet: OpeningSheet; emit: Emit; tell: (is: Moving) => void }) {
  const other = sheet.methods.find((method) => method !== sheet.method);
  return (
    <form
      key={sheet.method}
      onSubmit={(event) => {
        event.preventDefault();
        tell({ type: "adopt", typed: valueOf(event.currentTarget, "backup-key") });
      }}
    >
      <p>{say("adopt.line")}</p>
      <KeyField method={sheet.method} id="backup-key" />
      <Note note={sheet.note} />
      {other ? (
        <button type="button" class="quiet-button" onClick={() => tell({ type: "adopt method", method: other })}>
          {say(other === "recovery" ? "locked.recovery" : "locked.passphrase")}
        </button>
      ) : null}
      <Cancel emit={emit}>
        <button type="submit" class="button main" aria-disabled={sheet.busy}>
          {say(sheet.busy ? "locked.working" : "restore.open")}
        </button>
      </Cancel>
    </form>
  );
}

/** No file gave an account: each with what it is, and what to do. */
function Refused({ sheet, emit, tell }: { sheet: OpeningSheet; emit: Emit; tell: (is: Moving) => void }) {
  return (
    <>
      <div role="alert">
        {sheet.left.length > 0 ? <Reasons of={sheet.left} kind="danger" /> : <p>{say("fault.BACKUP_NO_ACCOUNTS")}</p>}
        <Said of={sheet.said} />
      </div>
      <p class="quiet">{say("opening.unharmed")}</p>
      <Actions>
        <button type="button" class="button" onClick={() => emit({ type: "close sheet" })}>
          {say("close")}
        </button>
        <button type="button" class="button main" onClick={() => tell({ type: "choose files" })}>
          {say("opening.other")}
        </button>
      </Actions>
    </>
  );
}
