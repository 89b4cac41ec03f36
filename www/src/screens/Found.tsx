import { hue, monogram, spoken, title } from "../app/list.ts";
import type { Emit, Found as Item, Open, Sheet as AnySheet } from "../app/model.ts";
import { Actions, Text } from "./Field.tsx";
import { CodeText, Ring } from "./Row.tsx";
import { say, sayWords } from "./say.ts";
import { Sheet } from "./Sheet.tsx";

/** What was read, with its code to compare, before anything is saved. */
export function Found({ sheet, open, emit }: { sheet: Extract<AnySheet, { at: "found" }>; open: Open; emit: Emit }) {
  const one = sheet.items.length === 1;
  const taken = sheet.items.filter(({ take }) => take).length;
  return (
    <Sheet title={say("found.title", { count: sheet.items.length })} emit={emit} firm>
      <ul class="found">
        {sheet.items.map((item, index) => (
          <FoundItem key={index} item={item} index={index} open={open} one={one} emit={emit} />
        ))}
      </ul>
      {sheet.refused.map((words, index) => (
        <p class="note danger" role="alert" key={index}>
          {sayWords(words)}
        </p>
      ))}
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

function FoundItem({ item, index, open, one, emit }: { item: Item; index: number; open: Open; one: boolean; emit: Emit }) {
  const { account, preview } = item;
  const twin = [...open.entries, ...open.trash].find(({ id }) => item.same.includes(id));
  return (
    <li class="found-item">
      <div class="found-head">
        {twin || one ? null : (
          <label class="tick pick">
            <input type="checkbox" checked={item.take} onChange={(event) => emit({ type: "found take", index, take: event.currentTarget.checked })} />
            <span class="spoken">{say("found.take", { title: title(account) })}</span>
          </label>
        )}
        <span class={`monogram hue-${hue(account)}`} aria-hidden="true">
          {monogram(account)}
        </span>
        <span class="who">
          <span class="issuer">{title(account)}</span>
          <span class="account">{account.issuer ? account.name : ""}</span>
        </span>
        {preview ? (
          <>
            <span class="spoken">{spoken(preview.text)}</span>
            <CodeText text={preview.text} digits={account.digits} />
            <Ring key={preview.validFromMs} fromMs={preview.validFromMs} untilMs={preview.validUntilMs} />
          </>
        ) : (
          <span class="quiet">{account.kind === "hotp" ? say("found.counter") : ""}</span>
        )}
      </div>
      {one ? (
        <div class="pair">
          <Text id="found-issuer" label={say("hand.issuer")} value={account.issuer} onValue={(value) => emit({ type: "found field", index, field: "issuer", value })} />
          <Text id="found-name" label={say("hand.name")} value={account.name} onValue={(value) => emit({ type: "found field", index, field: "name", value })} />
        </div>
      ) : null}
      {twin ? <p class="note caution">{say(twin.trashedMs === undefined ? "found.same" : "found.same.bin", { title: title(twin) })}</p> : null}
      {twin ? (
        <label class="tick">
          <input type="checkbox" checked={item.take} onChange={(event) => emit({ type: "found take", index, take: event.currentTarget.checked })} />
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
