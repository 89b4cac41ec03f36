import { useEffect, useRef } from "preact/hooks";
import type { AddSheet, Emit, HandDraft, Words } from "../app/model.ts";
import { Actions, Choice, Note, Select, Text, useAutofocus } from "./Field.tsx";
import { Icon } from "./Icon.tsx";
import { say } from "./say.ts";
import { Sheet } from "./Sheet.tsx";

export function Add({ sheet, emit }: { sheet: AddSheet; emit: Emit }) {
  return (
    <Sheet title={say(sheet.view === "hand" ? "hand.title" : sheet.view === "paste" ? "paste.title" : "add.title")} emit={emit} firm={sheet.view !== "ways"}>
      {sheet.view === "ways" ? <Choices sheet={sheet} emit={emit} /> : null}
      {sheet.view === "paste" ? <Paste sheet={sheet} emit={emit} /> : null}
      {sheet.view === "hand" ? <Hand sheet={sheet} emit={emit} /> : null}
    </Sheet>
  );
}

function Choices({ sheet, emit }: { sheet: AddSheet; emit: Emit }) {
  return (
    <>
      <Camera sheet={sheet} emit={emit} />
      {sheet.missing.length > 0 ? (
        <div class="note caution" role="status">
          <p>{say("parts.missing", { count: sheet.missing.length, have: sheet.total - sheet.missing.length, total: sheet.total, missing: sheet.missing.join(", ") })}</p>
          {sheet.count > 0 ? (
            <button type="button" class="quiet-button" onClick={() => emit({ type: "read what is here" })}>
              {say("parts.goon", { count: sheet.count })}
            </button>
          ) : null}
        </div>
      ) : null}
      <Note note={sheet.note} />
      {sheet.busy ? <p class="quiet">{say("add.reading")}</p> : null}
      <div class="ways small">
        <Choice icon="picture" title={say("add.picture")} onClick={() => emit({ type: "pick picture" })} />
        <Choice icon="paste" title={say("add.paste")} onClick={() => emit({ type: "add view", view: "paste" })} />
        <Choice icon="keyboard" title={say("add.hand")} onClick={() => emit({ type: "add view", view: "hand" })} />
        <Choice icon="folder" title={say("add.restore")} onClick={() => emit({ type: "moving", is: { type: "show apps" } })} />
      </div>
      <p class="hint">{say("add.drop")}</p>
    </>
  );
}

function Camera({ sheet, emit }: { sheet: AddSheet; emit: Emit }) {
  if (sheet.camera === "denied" || sheet.camera === "none" || sheet.camera === "busy") {
    return (
      <div class="camera off" role="alert">
        <Icon name="camera" />
        <p>{say(`camera.${sheet.camera}`)}</p>
        {sheet.camera === "none" ? null : (
          <button type="button" class="button" onClick={() => emit({ type: "use camera" })}>
            {say("camera.again")}
          </button>
        )}
      </div>
    );
  }
  if (sheet.camera === "off") {
    return (
      <button type="button" class="camera off" onClick={() => emit({ type: "use camera" })}>
        <Icon name="camera" />
        <strong>{say("camera.use")}</strong>
        <small>{say("camera.stays")}</small>
      </button>
    );
  }
  return <Live on={sheet.camera === "on"} emit={emit} />;
}

function Live({ on, emit }: { on: boolean; emit: Emit }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    emit({ type: "camera mounted", video: video.current });
  }, []);
  return (
    <div class="camera">
      <video ref={video} muted playsInline aria-label={say("camera.picture")} />
      <span class="frame" aria-hidden="true" />
      <p role="status">{say(on ? "camera.point" : "camera.asking")}</p>
    </div>
  );
}

function Paste({ sheet, emit }: { sheet: AddSheet; emit: Emit }) {
  const field = useAutofocus<HTMLTextAreaElement>(true);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        emit({ type: "text given", text: sheet.pasted });
      }}
    >
      <div class="field">
        <label for="setup-link">{say("paste.label")}</label>
        <textarea
          ref={field}
          id="setup-link"
          class="mono"
          rows={4}
          autofocus
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          aria-describedby="setup-link-hint"
          value={sheet.pasted}
          onInput={(event) => emit({ type: "paste field", value: event.currentTarget.value })}
        />
        <p class="hint" id="setup-link-hint">
          {say("paste.hint")}
        </p>
      </div>
      <Foot sheet={sheet} emit={emit} />
    </form>
  );
}

function Hand({ sheet, emit }: { sheet: AddSheet; emit: Emit }) {
  const { hand } = sheet;
  const set = (field: keyof HandDraft) => (value: string) => emit({ type: "hand field", field, value });
  const faultAt = (field: keyof HandDraft) => (sheet.fault?.field === field ? sheet.fault.words : null);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        emit({ type: "read hand" });
      }}
    >
      <Text id="issuer" label={say("hand.issuer")} value={hand.issuer} onValue={set("issuer")} fault={faultAt("issuer")} autofocus={sheet.hand.secret === ""} />
      <Text id="name" label={say("hand.name")} value={hand.name} onValue={set("name")} fault={faultAt("name")} />
      <Text id="secret" label={say("hand.secret")} value={hand.secret} onValue={set("secret")} hint={say("hand.secret.hint")} fault={faultAt("secret")} mono />
      <details>
        <summary>{say("hand.more")}</summary>
        <Select
          id="kind"
          label={say("hand.kind")}
          value={hand.kind}
          options={[["totp", say("hand.totp")], ["hotp", say("hand.hotp")]]}
          fault={faultAt("kind")}
          onValue={set("kind")}
        />
        <Tuning of={hand} faultAt={faultAt} set={set} />
      </details>
      <Foot sheet={sheet} emit={emit} />
    </form>
  );
}

/** The settings of an account that a website may name. */
export function Tuning({ of, faultAt, set }: { of: Omit<HandDraft, "secret">; faultAt: (field: keyof HandDraft) => Words | null; set: (field: keyof Omit<HandDraft, "secret">) => (value: string) => void }) {
  return (
    <>
      <div class="pair">
        <Text id="digits" type="number" label={say("hand.digits.label")} value={of.digits} onValue={set("digits")} fault={faultAt("digits")} />
        {of.kind === "totp" ? (
          <Text id="period" type="number" label={say("hand.period.label")} value={of.periodSecs} onValue={set("periodSecs")} fault={faultAt("periodSecs")} />
        ) : (
          <Text id="counter" type="number" label={say("hand.counter.label")} value={of.counter} onValue={set("counter")} fault={faultAt("counter")} />
        )}
      </div>
      <Select
        id="algorithm"
        label={say("hand.algorithm")}
        value={of.algorithm}
        options={["SHA1", "SHA256", "SHA512"].map((name) => [name, name])}
        fault={faultAt("algorithm")}
        onValue={set("algorithm")}
      />
    </>
  );
}

/** What was wrong, and the two ways on. */
function Foot({ sheet, emit }: { sheet: AddSheet; emit: Emit }) {
  return (
    <>
      <Note note={sheet.note} />
      {sheet.key === null ? null : (
        <button type="button" class="button" onClick={() => emit({ type: "key as typed", key: sheet.key ?? "" })}>
          {say("text.key.go")}
        </button>
      )}
      <Actions>
        <button type="button" class="button" onClick={() => emit({ type: "add view", view: "ways" })}>
          {say("back")}
        </button>
        <button type="submit" class="button main" aria-disabled={sheet.busy}>
          {say("show.code")}
        </button>
      </Actions>
    </>
  );
}
