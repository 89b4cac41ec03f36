import { totalOf } from "../app/finding.ts";
import { hue, monogram, spoken } from "../app/list.ts";
import { Component } from "preact";
import { useMemo } from "preact/hooks";
import type { Emit, Entry, FoundSheet, Found as Item, Open } from "../app/model.ts";
import { type Shown, called, shownAs } from "../app/names.ts";
import { Actions, Note, Text } from "./Field.tsx";
import { Kept, Reasons, Said } from "./Report.tsx";
import { CodeText, Ring } from "./Row.tsx";
import { say, sayList, sayWords, speaking } from "./say.ts";
import { Sheet } from "./Sheet.tsx";
import { useLimit } from "./steps.ts";
import { Who } from "./Who.tsx";

/** What was read, with its code to compare, before anything is saved. What cannot be saved comes first. */
export function Found({ sheet, open, emit }: { sheet: FoundSheet; open: Open; emit: Emit }) {
  const { items, left } = sheet;
  const one = items.length === 1;
  const taken = items.filter(({ take }) => take).length;
  const shown = useMemo(() => shownAs(items.map(({ account }) => account)), [items]);
  const known = useMemo(() => new Map([...open.entries, ...open.trash].map((entry) => [entry.id, entry])), [open.entries, open.trash]);
  const limit = useLimit(items.length);
  const title = left.some(({ file }) => !file) ? say("found.some", { count: totalOf(sheet), good: items.length }) : say("found.title", { count: items.length });
  return (
    <Sheet title={title} emit={emit} firm>
      {left.length > 0 ? (
        <section role="alert">
          <h3>{say("report.left", { count: left.length })}</h3>
          <Reasons of={left} kind="danger" />
          <Kept of={left} />
        </section>
      ) : null}
      <Said of={sheet.said ?? []} />
      <ul class="found">
        {items.slice(0, limit).map((item, index) => (
          <FoundItem key={index} item={item} index={index} shown={shown[index]} twin={item.same.map((id) => known.get(id)).find(Boolean)} one={one} tongue={speaking()} emit={emit} />
        ))}
      </ul>
      <Note note={sheet.note} />
      <Actions>
        <button type="button" class="button" onClick={() => emit({ type: "close sheet" })}>
          {say("found.leave")}
        </button>
        <button type="button" class="button main" aria-disabled={sheet.busy || taken === 0} onClick={() => emit({ type: "save found" })}>
          {say("found.save", { count: one ? 1 : taken })}
        </button>
      </Actions>
    </Sheet>
  );
}

interface FoundItemProps {
  item: Item;
  index: number;
  shown: Shown | undefined;
  /** The entry that is this very account. */
  twin: Entry | undefined;
  one: boolean;
  /** Changes with the language. */
  tongue: object;
  emit: Emit;
}

/** Drawn anew only when something of it is: there may be hundreds. */
class FoundItem extends Component<FoundItemProps> {
  override shouldComponentUpdate(after: FoundItemProps): boolean {
    const { item, shown, twin, one, tongue } = this.props;
    return item !== after.item || twin?.id !== after.twin?.id || one !== after.one || tongue !== after.tongue || JSON.stringify(shown) !== JSON.stringify(after.shown);
  }

  override render(props: FoundItemProps) {
    return <OneFound {...props} />;
  }
}

function OneFound({ item, index, shown, twin, one, emit }: FoundItemProps) {
  const { account, preview, fault } = item;
  const set = (field: "issuer" | "name" | "pin") => (value: string) => emit({ type: "found field", index, field, value });
  const wrong = (field: string) => (fault?.field === field ? fault.words : null);
  const tick = (
    <input type="checkbox" checked={item.take} onChange={(event) => emit({ type: "found take", index, take: event.currentTarget.checked })} />
  );
  return (
    <li class="found-item">
      <div class="found-head">
        {twin || one ? null : (
          <label class="tick pick">
            {tick}
            <span class="spoken">{say("found.take", { title: called(account) })}</span>
          </label>
        )}
        <span class={`monogram hue-${hue(account)}`} aria-hidden="true">
          {monogram(account)}
        </span>
        <Who of={account} shown={{ whole: true, mark: shown?.mark ?? null }} />
        {preview ? (
          <>
            <span class="spoken">{spoken(preview.text)}</span>
            <CodeText text={preview.text} digits={account.digits} />
            <Ring key={preview.validFromMs} fromMs={preview.validFromMs} untilMs={preview.validUntilMs} />
          </>
        ) : (
          <span class="quiet">{account.kind === "hotp" ? say("found.counter") : item.pin ? say("found.pin") : ""}</span>
        )}
      </div>
      {item.beside && (item.beside.tags.length > 0 || item.beside.note) ? <p class="remark clipped">{[item.beside.tags.join(", "), item.beside.note].filter(Boolean).join(" · ")}</p> : null}
      {item.changed.map((words, at) => (
        <p class="quiet" key={at}>
          {sayWords(words)}
        </p>
      ))}
      {one ? (
        <div class="pair">
          <Text id="found-issuer" label={say("hand.issuer")} value={account.issuer} onValue={set("issuer")} fault={wrong("issuer")} />
          <Text id="found-name" label={say("hand.name")} value={account.name} onValue={set("name")} />
        </div>
      ) : null}
      {item.pin ? (
        <Text id={`found-pin-${index}`} type="number" mono label={say("pin.label")} hint={say("pin.hint")} value={account.pin ?? ""} onValue={set("pin")} fault={wrong("pin")} />
      ) : null}
      {item.twice === undefined ? null : <p class="note caution">{say("found.twice", { title: item.twice })}</p>}
      {twin ? <p class="note caution">{say(twin.trashedMs === undefined ? "found.same" : "found.same.bin", { title: called(twin) })}</p> : null}
      {item.kin.map(({ title, parts }, at) => (
        <p class="note caution" key={at}>
          {say("found.kin", { title, parts: sayList(parts.map((part) => say(`part.${part}`))) })}
        </p>
      ))}
      {twin ? (
        <label class="tick">
          {tick}
          {say("found.anyway")}
        </label>
      ) : null}
      {item.namesakes.length > 0 ? (
        <>
          <p class="note caution">{say("found.namesake")}</p>
          <label class="tick">
            <input type="checkbox" checked={item.replace} onChange={(event) => emit({ type: "found replace", index, replace: event.currentTarget.checked })} />
            {say("found.replace")}
          </label>
        </>
      ) : null}
    </li>
  );
}
