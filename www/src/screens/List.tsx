import { useMemo } from "preact/hooks";
import { health, lastBackupMs, visible } from "../app/list.ts";
import type { Emit, Open, State } from "../app/model.ts";
import { ALONE, shownAs } from "../app/names.ts";
import { Choice } from "./Field.tsx";
import { Icon } from "./Icon.tsx";
import { Row } from "./Row.tsx";
import { say, sayDay, sayOff, speaking } from "./say.ts";
import { useFresh, useLimit } from "./steps.ts";

export function List({ state, open, emit }: { state: State; open: Open; emit: Emit }) {
  const rows = useMemo(() => visible(open), [open.entries, open.query]);
  const shown = useMemo(() => new Map(shownAs(open.entries).map((as, at) => [open.entries[at]?.id, as])), [open.entries]);
  const limit = useLimit(rows.length);
  const codeFor = useFresh(open, rows);
  return (
    <div class="list-page">
      <header class="bar">
        <h1 class="brand" tabIndex={-1} aria-label="Portcullis">
          <img src="/icons/icon.svg" alt="" width="28" height="28" />
          <span>Portcullis</span>
        </h1>
        <div class="search" role="search" hidden={open.entries.length === 0}>
          <Icon name="search" />
          <input
            id="search"
            type="search"
            aria-label={say("search")}
            placeholder={say("search")}
            autocomplete="off"
            spellcheck={false}
            value={open.query}
            onInput={(event) => emit({ type: "search", query: event.currentTarget.value })}
          />
        </div>
        <span class="push" />
        <button type="button" class="icon-button" aria-label={say("settings")} onClick={() => emit({ type: "open sheet", at: "settings" })}>
          <Icon name="settings" />
        </button>
        <button type="button" class="icon-button" aria-label={say("lock")} onClick={() => emit({ type: "lock" })}>
          <Icon name="lock" />
        </button>
      </header>
      {open.older || open.loose ? <p class="note caution">{say(open.older ? "list.older" : "list.loose")}</p> : null}
      {state.around.clockOffMs === 0 ? null : (
        <p class="note caution" role="status">
          {say(state.around.clockOffMs > 0 ? "clock.ahead" : "clock.behind", { off: sayOff(Math.abs(state.around.clockOffMs)) })}
        </p>
      )}
      {state.around.online ? null : <p class="offline">{say("offline")}</p>}
      <main>
        {open.entries.length === 0 ? <Empty emit={emit} /> : null}
        {open.entries.length > 0 && rows.length === 0 ? (
          <div class="nothing">
            <p>{say("search.none", { query: open.query })}</p>
            <button type="button" class="button" onClick={() => emit({ type: "search", query: "" })}>
              {say("search.clear")}
            </button>
          </div>
        ) : null}
        {rows.length > 0 ? (
          <ul class="rows" aria-label={say("list.label", { count: rows.length })}>
            {rows.slice(0, limit).map((entry, at) => (
              <Row
                key={entry.id}
                entry={entry}
                shown={shown.get(entry.id) ?? ALONE}
                {...codeFor(entry.id, at)}
                spent={open.spent[entry.id]}
                selected={open.selected === entry.id}
                ahead={open.ahead === entry.id}
                tongue={speaking()}
                emit={emit}
              />
            ))}
          </ul>
        ) : null}
      </main>
      <footer class="foot">
        <HealthLine state={state} emit={emit} />
      </footer>
      <button type="button" class="add-button" aria-label={say("add")} title={say("add")} onClick={() => emit({ type: "open sheet", at: "add" })}>
        <Icon name="add" />
        <span aria-hidden="true">{say("add")}</span>
      </button>
    </div>
  );
}

function Empty({ emit }: { emit: Emit }) {
  return (
    <section class="empty" aria-labelledby="empty-title">
      <h2 id="empty-title">{say("empty.title")}</h2>
      <p>{say("empty.line")}</p>
      <div class="ways">
        <Choice main icon="camera" title={say("empty.camera")} line={say("empty.camera.line")} onClick={() => emit({ type: "add by", way: "camera" })} />
        <Choice icon="picture" title={say("empty.picture")} line={say("empty.picture.line")} onClick={() => emit({ type: "add by", way: "picture" })} />
        <Choice icon="keyboard" title={say("empty.hand")} line={say("empty.hand.line")} onClick={() => emit({ type: "add by", way: "hand" })} />
        <Choice icon="folder" title={say("welcome.move")} line={say("welcome.move.line")} onClick={() => emit({ type: "moving", is: { type: "show apps" } })} />
      </div>
    </section>
  );
}

/** One line on how safe the codes are from being lost, and the one thing worth doing about it. */
export function HealthLine({ state, emit }: { state: State; emit: Emit }) {
  const open = state.phase.at === "open" ? state.phase : null;
  const backupMs = lastBackupMs(state);
  const is = health(state, Date.now());
  const backup = is === "in no backup" ? say("health.missing", { count: open?.unbacked ?? 0 }) : backupMs === 0 ? say("health.never") : say("health.backup", { day: sayDay(backupMs) });
  const act = is === "good" ? null : is === "unprotected" || is === "no recovery" ? "recovery" : "backup";
  const empty = open?.entries.length === 0;
  return (
    <p class={empty ? "health" : `health ${is === "good" ? "good" : "wanting"}`}>
      <span>
        {say("health.here")} {empty ? "" : is === "unprotected" || is === "no recovery" ? say("health.norecovery") : backup}
      </span>
      {act ? (
        <button type="button" class="quiet-button" onClick={() => emit({ type: "open sheet", at: act })}>
          {say(act === "backup" ? "health.do.backup" : "health.do.recovery")}
        </button>
      ) : null}
    </p>
  );
}
