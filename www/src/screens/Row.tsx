import { Component } from "preact";
import { useState } from "preact/hooks";
import { groups, hue, monogram, spoken } from "../app/list.ts";
import type { Emit, Entry, RowCode } from "../app/model.ts";
import { type Shown, called } from "../app/names.ts";
import { Icon } from "./Icon.tsx";
import { say } from "./say.ts";
import { Who } from "./Who.tsx";

const LOOK_AHEAD = 5; // codes that a website tries beyond its own counter, RFC 4226 section 7.4 leaves it to the site

interface RowProps {
  entry: Entry;
  shown: Shown;
  code: RowCode | undefined;
  codesMs: number;
  spent: string | undefined;
  selected: boolean;
  ahead: boolean;
  /** Changes with the language. */
  tongue: object;
  emit: Emit;
}

/** Whether the two hold the same: each change of the vault gives every entry and code anew. */
const alike = (one: unknown, other: unknown): boolean =>
  one === other || (typeof one === "object" && typeof other === "object" && JSON.stringify(one) === JSON.stringify(other));

/** Drawn anew only when something in it is: of two hundred rows a change concerns one. */
export class Row extends Component<RowProps> {
  override shouldComponentUpdate(after: RowProps): boolean {
    return (Object.keys(after) as (keyof RowProps)[]).some((name) => (name === "tongue" ? after.tongue !== this.props.tongue : !alike(after[name], this.props[name])));
  }

  override render({ entry, shown, code, codesMs, spent, selected, ahead, emit }: RowProps) {
    const text = code?.text ?? spent;
    const name = called(entry);
    const kept = text === undefined && entry.hasSource && entry.kind !== "hotp";
    return (
      <li class={selected ? "row selected" : "row"} data-id={entry.id}>
        <button
          type="button"
          id={`row-${entry.id}`}
          class="row-main"
          onClick={() => emit({ type: "copy", id: entry.id })}
          onFocus={() => emit({ type: "select", id: entry.id })}
          onContextMenu={(event) => {
            event.preventDefault();
            emit({ type: "open menu", id: entry.id });
          }}
        >
          <span class={`monogram hue-${hue(entry)}`} aria-hidden="true">
            {monogram(entry)}
          </span>
          <Who of={entry} shown={shown} pinned={entry.pinned} />
          <span class="spoken">{text !== undefined ? say("row.copy", { code: spoken(text) }) : kept ? "" : say("row.next.short")}</span>
          <CodeText text={text} digits={entry.digits} />
          {code ? <Ring key={codesMs} fromMs={code.validFromMs} untilMs={code.validUntilMs} /> : <span class="ring" />}
          {ahead && code ? (
            <span class="ahead">
              {say("row.ahead")} <span class="spoken">{spoken(code.next)}</span>
              <CodeText text={code.next} digits={entry.digits} />
            </span>
          ) : null}
          {kept ? <small class="row-remark">{say("row.kept")}</small> : null}
          {entry.kind === "hotp" && entry.restoredMs !== undefined ? <small class="row-remark">{say("row.restored", { count: LOOK_AHEAD })}</small> : null}
        </button>
        {entry.kind === "hotp" ? (
          <button type="button" class="icon-button row-next" aria-label={say("row.next", { called: name })} onClick={() => emit({ type: "next code", id: entry.id })}>
            <Icon name="next" />
          </button>
        ) : null}
        <button type="button" class="icon-button row-more" aria-label={say("row.more", { called: name })} onClick={() => emit({ type: "open menu", id: entry.id })}>
          <Icon name="more" />
        </button>
      </li>
    );
  }
}

/**
 * The code in groups that are apart by space alone, so that what is selected and copied is the code. For the eye: whoever
 * shows it says it too, digit by digit.
 */
export function CodeText({ text, digits }: { text: string | undefined; digits: number }) {
  if (text === undefined) return <span class="code hidden" aria-hidden="true">{groups("•".repeat(digits)).map((group, at) => <span key={at}>{group}</span>)}</span>;
  return (
    <span class={text.length > 8 ? "code long" : text.length > 6 ? "code wide" : "code"} aria-hidden="true">
      {groups(text).map((group, at) => (
        <span key={at}>{group}</span>
      ))}
    </span>
  );
}

/**
 * How long the code still holds: one animation by the style sheet, started in the middle by a negative delay, so that no
 * timer runs while it turns. Its last five seconds are in the colour of caution. Each set of codes needs a ring of its own
 * (a new `key`): an animation that runs would take a new delay as if it had begun with it.
 */
export function Ring({ fromMs, untilMs }: { fromMs: number; untilMs: number }) {
  const whole = untilMs - fromMs;
  const [gone] = useState(() => Date.now() - fromMs);
  return (
    <svg class="ring" viewBox="0 0 20 20" aria-hidden="true">
      <circle class="ring-ground" cx="10" cy="10" r="8" />
      <circle
        class="ring-left"
        cx="10"
        cy="10"
        r="8"
        pathLength={100}
        style={{ animationDuration: `${whole}ms, 1ms`, animationDelay: `${-gone}ms, ${whole - gone - 5000}ms` }}
      />
    </svg>
  );
}
