import { useEffect, useRef } from "preact/hooks";
import type { AddSheet, Emit, HandDraft } from "../app/model.ts";
import { Actions, Note, Text, Choice, useAutofocus } from "./Field.tsx";
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
      {sheet.total > 0 && sheet.missing.length > 0 ? (
        <p class="note caution" role="status">
          {say("parts.missing", { count: sheet.missing.length, have: sheet.total - sheet.missing.length, total: sheet.total, missing: sheet.missing.join(", ") })}
        </p>
      ) : null}
      <Note note={sheet.note} />
      {sheet.busy ? <p class="quiet">{say("add.reading")}</p> : null}
      <div class="ways small">
        <Choice icon="picture" title={say("add.picture")} onClick={() => emit({ type: "pick picture" })} />
        <Choice icon="paste" title={say("add.paste")} onClick={() => emit({ type: "add view", view: "paste" })} />
        <Choice icon="keyboard" title={say("add.hand")} onClick={() => emit({ type: "add view", view: "hand" })} />
        <Choice icon="folder" title={say("add.restore")} onClick={() => emit({ type: "open sheet", at: "restore" })} />
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
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        emit({ type: "read hand" });
      }}
    >
      <Text id="issuer" label={say("hand.issuer")} value={hand.issuer} onValue={set("issuer")} autofocus />
      <Text id="name" label={say("hand.name")} value={hand.name} onValue={set("name")} />
      <Text id="secret" label={say("hand.secret")} value={hand.secret} onValue={set("secret")} hint={say("hand.secret.hint")} mono />
      <details>
        <summary>{say("hand.more")}</summary>
        <div class="field">
          <label for="kind">{say("hand.kind")}</label>
          <select id="kind" value={hand.kind} onChange={(event) => set("kind")(event.currentTarget.value)}>
            <option value="totp">{say("hand.totp")}</option>
            <option value="hotp">{say("hand.hotp")}</option>
          </select>
        </div>
        <div class="pair">
          <Text id="digits" type="number" label={say("hand.digits.label")} value={hand.digits} onValue={set("digits")} />
          {hand.kind === "totp" ? (
            <Text id="period" type="number" label={say("hand.period.label")} value={hand.periodSecs} onValue={set("periodSecs")} />
          ) : (
            <Text id="counter" type="number" label={say("hand.counter.label")} value={hand.counter} onValue={set("counter")} />
          )}
        </div>
        <div class="field">
          <label for="algorithm">{say("hand.algorithm")}</label>
          <select id="algorithm" value={hand.algorithm} onChange={(event) => set("algorithm")(event.currentTarget.value)}>
            <option>SHA1</option>
            <option>SHA256</option>
            <option>SHA512</option>
          </select>
        </div>
      </details>
      <Foot sheet={sheet} emit={emit} />
    </form>
  );
}

/** What was wrong, and the two ways on. */
function Foot({ sheet, emit }: { sheet: AddSheet; emit: Emit }) {
  return (
    <>
      <Note note={sheet.note} />
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
