import type { ComponentChildren } from "preact";
import { groupOf } from "../app/list.ts";
import { accountOf, called, title } from "../app/names.ts";
import type { EditDraft, Emit, Open, Sheet as AnySheet } from "../app/model.ts";
import { Tuning } from "./Add.tsx";
import { Actions, Note, Text } from "./Field.tsx";
import { Icon, type IconName } from "./Icon.tsx";
import { say, sayDay } from "./say.ts";
import { Sheet } from "./Sheet.tsx";

type At<T extends AnySheet["at"]> = Extract<AnySheet, { at: T }>;

const Item = (props: { icon: IconName; onClick: () => void; danger?: boolean; off?: boolean; children: ComponentChildren }) => (
  <li>
    <button type="button" class={props.danger ? "item danger" : "item"} aria-disabled={props.off} onClick={props.onClick}>
      <Icon name={props.icon} />
      {props.children}
    </button>
  </li>
);

export function Menu({ sheet, open, emit }: { sheet: At<"menu">; open: Open; emit: Emit }) {
  const entry = open.entries.find(({ id }) => id === sheet.id);
  if (!entry) return null;
  const { id } = entry;
  const group = groupOf(open, id);
  const then = (...events: Parameters<Emit>[0][]) => () => {
    emit({ type: "close sheet" });
    for (const event of events) emit(event);
  };
  return (
    <Sheet title={title(entry)} below={accountOf(entry)} emit={emit}>
      {entry.note ? <p class="remark">{entry.note}</p> : null}
      <ul class="items">
        <Item icon="edit" onClick={() => emit({ type: "open edit", id })}>
          {say("menu.edit")}
        </Item>
        <Item icon="pin" onClick={then({ type: "pin", id, pinned: !entry.pinned })}>
          {say(entry.pinned ? "menu.unpin" : "menu.pin")}
        </Item>
        {/* The menu stays, for the next step. */}
        <Item icon="up" off={group[0] === id} onClick={() => emit({ type: "move", id, by: -1 })}>
          {say("menu.up")}
        </Item>
        <Item icon="down" off={group.at(-1) === id} onClick={() => emit({ type: "move", id, by: 1 })}>
          {say("menu.down")}
        </Item>
        <Item icon="next" onClick={then({ type: "next code", id })}>
          {say(entry.kind === "hotp" ? "menu.next" : "menu.ahead")}
        </Item>
        <Item icon="qr" onClick={() => emit({ type: "moving", is: { type: "show one", id } })}>
          {say("menu.qr")}
        </Item>
        <Item icon="bin" danger onClick={() => emit({ type: "trash", id })}>
          {say("menu.delete")}
        </Item>
      </ul>
    </Sheet>
  );
}

export function Edit({ sheet, emit }: { sheet: At<"edit">; emit: Emit }) {
  const { draft, fault } = sheet;
  const set = (field: keyof EditDraft) => (value: string) => emit({ type: "edit field", field, value });
  const faultAt = (field: string) => (fault?.field === field ? fault.words : null);
  return (
    <Sheet title={say("edit.title")} emit={emit} firm>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          emit({ type: "save edit" });
        }}
      >
        <Text id="edit-issuer" label={say("hand.issuer")} value={draft.issuer} autofocus onValue={set("issuer")} fault={faultAt("issuer")} />
        <Text id="edit-name" label={say("hand.name")} value={draft.name} onValue={set("name")} fault={faultAt("name")} />
        <div class="field">
          <label for="edit-note">{say("edit.note")}</label>
          <textarea
            id="edit-note"
            rows={2}
            autocomplete="off"
            aria-describedby="edit-note-hint"
            value={draft.note}
            onInput={(event) => set("note")(event.currentTarget.value)}
          />
          <p class="hint" id="edit-note-hint">
            {say("edit.note.hint")}
          </p>
        </div>
        {sheet.tunable ? (
          <details>
            <summary>{say("hand.more")}</summary>
            <p class="hint">{say(draft.kind === "hotp" ? "edit.counter.hint" : "edit.more.hint")}</p>
            <Tuning of={draft} faultAt={faultAt} set={set} />
          </details>
        ) : null}
        <Note note={sheet.note} />
        <Actions>
          <button type="button" class="button" onClick={() => emit({ type: "close sheet" })}>
            {say("cancel")}
          </button>
          <button type="submit" class="button main" aria-disabled={sheet.busy}>
            {say("save")}
          </button>
        </Actions>
      </form>
    </Sheet>
  );
}

export function Qr({ sheet, open, emit }: { sheet: At<"qr">; open: Open; emit: Emit }) {
  const entry = open.entries.find(({ id }) => id === sheet.id);
  if (!entry) return null;
  return (
    <Sheet title={say("qr.title", { title: title(entry) })} below={accountOf(entry)} emit={emit}>
      {sheet.original === undefined ? (
        <div class="qr" aria-busy={sheet.svg === null}>
          {sheet.svg ? <img src={`data:image/svg+xml,${encodeURIComponent(sheet.svg)}`} alt={say("qr.alt", { title: called(entry) })} /> : null}
        </div>
      ) : (
        <>
          <p>{say("qr.original")}</p>
          <pre class="original">{sheet.original}</pre>
        </>
      )}
      <p>{say("qr.warn")}</p>
    </Sheet>
  );
}

export function Bin({ sheet, open, emit }: { sheet: At<"bin">; open: Open; emit: Emit }) {
  return (
    <Sheet title={say("bin.title")} emit={emit}>
      {open.trash.length === 0 ? <p>{say("bin.empty")}</p> : <p>{say("bin.line")}</p>}
      <ul class="items">
        {open.trash.map((entry) => (
          <li class="binned" key={entry.id}>
            <span class="who">
              <bdi class="issuer">{title(entry)}</bdi>
              <bdi class="account whole">{accountOf(entry)}</bdi>
              <small>{say("bin.since", { day: sayDay(entry.trashedMs ?? 0) })}</small>
            </span>
            {sheet.sure === entry.id ? (
              <>
                <span role="alert">{say("bin.sure")}</span>
                <button type="button" class="button danger" onClick={() => emit({ type: "remove surely", id: entry.id })}>
                  {say("bin.sure.remove")}
                </button>
                {/* Where the button was that asked: a second tap by mistake keeps it. */}
                <button type="button" class="button" onClick={() => emit({ type: "keep" })}>
                  {say("bin.sure.keep")}
                </button>
              </>
            ) : (
              <>
                <button type="button" class="button" onClick={() => emit({ type: "restore", id: entry.id })}>
                  {say("bin.restore")}
                </button>
                <button type="button" class="button danger" onClick={() => emit({ type: "remove", id: entry.id })}>
                  {say("bin.remove")}
                </button>
              </>
            )}
          </li>
        ))}
      </ul>
    </Sheet>
  );
}

const KEYS: [string, string][] = [
  ["/", "help.search"],
  ["↑ ↓", "help.arrows"],
  ["Enter", "help.enter"],
  ["n", "help.next"],
  ["a", "help.add"],
  ["l", "help.lock"],
  ["Ctrl V", "help.paste"],
  ["?", "help.help"],
];

export function Help({ emit }: { emit: Emit }) {
  return (
    <Sheet title={say("help.title")} emit={emit}>
      <dl class="keys">
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{say(what)}</dd>
          </div>
        ))}
      </dl>
    </Sheet>
  );
}
