import type { ComponentChildren } from "preact";
import { going, methodOf } from "../app/leaving.ts";
import type { Emit, Open, State } from "../app/model.ts";
import type { Drawn, LeaveSheet, Leaving, WayOut } from "../app/movingTypes.ts";
import { title, accountOf } from "../app/names.ts";
import { Actions, Note, Passphrase, valueOf } from "./Field.tsx";
import { Icon, type IconName } from "./Icon.tsx";
import { KeyField } from "./Locked.tsx";
import { Reasons } from "./Report.tsx";
import { say, sayDay } from "./say.ts";
import { Sheet } from "./Sheet.tsx";

type Tell = (is: Leaving) => void;

/** Taking accounts elsewhere: which, how, what is lost, and what arrived. */
export function Leave({ state, sheet, open, emit }: { state: State; sheet: LeaveSheet; open: Open; emit: Emit }) {
  const tell: Tell = (is) => emit({ type: "moving", is });
  const name = sheet.step === "ways" || sheet.step === "choose" ? say(`leave.title.${sheet.step}`) : say(`leave.by.${sheet.way}`);
  return (
    <Sheet title={name} emit={emit} firm={sheet.step !== "ways"}>
      {sheet.step === "ways" ? <Ways state={state} sheet={sheet} open={open} emit={emit} tell={tell} /> : null}
      {sheet.step === "choose" ? <Choose sheet={sheet} open={open} tell={tell} /> : null}
      {sheet.step === "prove" ? <Prove state={state} sheet={sheet} tell={tell} /> : null}
      {sheet.step === "look" ? <Look state={state} sheet={sheet} tell={tell} /> : null}
      {sheet.step === "made" ? <Made sheet={sheet} emit={emit} tell={tell} /> : null}
    </Sheet>
  );
}

const WAYS: [WayOut, IconName][] = [
  ["aegis-encrypted", "lock"],
  ["aegis", "go"],
  ["2fas", "go"],
  ["links", "paste"],
  ["google", "qr"],
  ["print", "picture"],
];

function Ways({ state, sheet, open, emit, tell }: { state: State; sheet: LeaveSheet; open: Open; emit: Emit; tell: Tell }) {
  const count = going(state, sheet).length;
  const way = (id: string, icon: IconName, onClick: () => void, off = false) => (
    <li key={id}>
      <button type="button" class="item" aria-disabled={off || sheet.busy} onClick={onClick}>
        <Icon name={icon} />
        <span>
          {say(`leave.by.${id}`)}
          <small>{say(`leave.by.${id}.line`)}</small>
        </span>
      </button>
    </li>
  );
  return (
    <>
      <p>{say("leave.line")}</p>
      <p class="whole-line">
        <strong>{say(sheet.chosen === null ? "leave.all" : "leave.some", { count, total: open.entries.length })}</strong>
        <button type="button" class="quiet-button" onClick={() => tell({ type: "choose accounts" })}>
          {say("leave.choose")}
        </button>
      </p>
      <Note note={sheet.note} />
      <h3>{say("leave.sealed")}</h3>
      <ul class="items">
        {way("vault", "download", () => emit({ type: "open sheet", at: "backup" }))}
        {way("series", "qr", () => tell({ type: "leave by", way: "series" }), sheet.chosen !== null)}
      </ul>
      <h3>{say("leave.others")}</h3>
      <ul class="items">{WAYS.map(([id, icon]) => way(id, icon, () => tell({ type: "leave by", way: id }), count === 0))}</ul>
    </>
  );
}

function Choose({ sheet, open, tell }: { sheet: LeaveSheet; open: Open; tell: Tell }) {
  const chosen = new Set(sheet.chosen ?? []);
  const all = chosen.size === open.entries.length;
  return (
    <>
      <label class="tick">
        <input type="checkbox" checked={all} onChange={() => tell({ type: "choose all", take: !all })} />
        {say("leave.everything")}
      </label>
      <ul class="apps">
        {open.entries.map((entry) => (
          <li key={entry.id}>
            <label class="tick">
              <input type="checkbox" checked={chosen.has(entry.id)} onChange={(event) => tell({ type: "choose account", id: entry.id, take: event.currentTarget.checked })} />
              <span class="who">
                <bdi class="issuer">{title(entry)}</bdi>
                <bdi class="account whole">{accountOf(entry)}</bdi>
              </span>
            </label>
          </li>
        ))}
      </ul>
      <Actions>
        <button type="button" class="button main" onClick={() => tell({ type: "leave back" })}>
          {say("leave.chosen", { count: chosen.size })}
        </button>
      </Actions>
    </>
  );
}

/** Two taps on a screen that was left open must not carry everything away. */
function Prove({ state, sheet, tell }: { state: State; sheet: LeaveSheet; tell: Tell }) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        tell({ type: "prove", typed: valueOf(event.currentTarget, "prove-key") });
      }}
    >
      <p>{say("leave.prove")}</p>
      <KeyField method={methodOf(state) ?? "passphrase"} id="prove-key" />
      <Note note={sheet.note} />
      <Back busy={sheet.busy} tell={tell}>
        <button type="submit" class="button main" aria-disabled={sheet.busy}>
          {say(sheet.busy ? "locked.working" : "leave.go")}
        </button>
      </Back>
    </form>
  );
}

const Back = ({ busy, tell, children }: { busy: boolean; tell: Tell; children: ComponentChildren }) => (
  <Actions>
    <button type="button" class="button" aria-disabled={busy} onClick={() => tell({ type: "leave back" })}>
      {say("back")}
    </button>
    {children}
  </Actions>
);

/** What goes and what does not, before anything is written. */
function Look({ state, sheet, tell }: { state: State; sheet: LeaveSheet; tell: Tell }) {
  const { way, count, total, losses } = sheet;
  const out = losses.filter((loss) => loss.out);
  const less = losses.filter((loss) => !loss.out);
  const sealed = way === "series" || way === "aegis-encrypted";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        tell({ type: "write", password: valueOf(form, "file-password"), again: valueOf(form, "file-again") });
      }}
    >
      <p>
        <strong>{say("leave.count", { count, total })}</strong>
      </p>
      {out.length > 0 ? (
        <section>
          <h3>{say("leave.out", { count: out.length })}</h3>
          <Reasons of={out} kind="danger" />
        </section>
      ) : null}
      {less.length > 0 ? (
        <details>
          <summary>{say("leave.less", { count: less.length })}</summary>
          <Reasons of={less} kind="caution" />
        </details>
      ) : null}
      {losses.length === 0 ? <p class="quiet">{say("leave.nothing.lost")}</p> : null}
      {sealed ? null : <p class="note caution">{say("leave.plain")}</p>}
      {sealed || methodOf(state) !== null ? null : <p class="note caution">{say("leave.cannot.ask")}</p>}
      {way === "aegis-encrypted" ? (
        <>
          <Passphrase id="file-password" label={say("leave.password")} hint={say("leave.password.hint")} fresh autofocus />
          <Passphrase id="file-again" label={say("leave.password.again")} fresh />
        </>
      ) : null}
      <Note note={sheet.note} />
      <Back busy={sheet.busy} tell={tell}>
        <button type="submit" class="button main" aria-disabled={sheet.busy || count === 0}>
          {say(sheet.busy ? "leave.writing" : way === "google" || way === "series" ? "leave.show" : way === "print" ? "leave.draw" : "leave.save")}
        </button>
      </Back>
    </form>
  );
}

const picture = (svg: string): string => `data:image/svg+xml,${encodeURIComponent(svg)}`;

function Made({ sheet, emit, tell }: { sheet: LeaveSheet; emit: Emit; tell: Tell }) {
  const { way, count, total, codes, shown } = sheet;
  const code = codes[shown];
  const onPaper = way === "print" || way === "series";
  return (
    <>
      <p class="made">
        <Icon name="check" />
        <strong>{say(way === "series" ? "leave.made.series" : way === "google" ? "leave.made.codes" : way === "print" ? "leave.made.sheet" : "leave.made", { count, total })}</strong>
      </p>
      {code && way !== "print" ? (
        <>
          <div class="qr">
            <img src={picture(code.svg)} alt={say("leave.code", { number: shown + 1, total: codes.length })} />
          </div>
          {codes.length > 1 ? (
            <p class="turn">
              <button type="button" class="button" aria-disabled={shown === 0} onClick={() => tell({ type: "turn", by: -1 })}>
                {say("leave.before")}
              </button>
              <span role="status">{say("leave.code", { number: shown + 1, total: codes.length })}</span>
              <button type="button" class="button" aria-disabled={shown === codes.length - 1} onClick={() => tell({ type: "turn", by: 1 })}>
                {say("leave.next")}
              </button>
            </p>
          ) : null}
          <p class="quiet">{say(way === "google" ? "leave.scan.google" : "leave.scan.series")}</p>
        </>
      ) : null}
      {onPaper ? <Paper codes={codes} way={way} count={count} /> : null}
      <Note note={sheet.note} />
      {onPaper || way === "google" ? null : <p class="quiet">{say("leave.keep")}</p>}
      <Actions>
        {onPaper ? (
          <>
            <button type="button" class="button" onClick={() => tell({ type: "save page" })}>
              {say("leave.page")}
            </button>
            <button type="button" class="button" onClick={() => tell({ type: "print" })}>
              {say("leave.print")}
            </button>
          </>
        ) : null}
        <button type="button" class="button main" onClick={() => emit({ type: "close sheet" })}>
          {say("report.done")}
        </button>
      </Actions>
    </>
  );
}

/** What comes out of a printer; on the screen as small as a preview. */
const Paper = ({ codes, way, count }: { codes: Drawn[]; way: WayOut | null; count: number }) => (
  <div class={way === "print" ? "paper" : "paper only"}>
    <p>{say("leave.paper", { day: sayDay(Date.now()), address: location.origin, count })}</p>
    <ul>
      {codes.map(({ svg, title: name, below }, at) => (
        <li key={at}>
          <img src={picture(svg)} alt={name} />
          <b>
            <bdi>{name}</bdi>
          </b>
          <bdi>{below}</bdi>
        </li>
      ))}
    </ul>
  </div>
);
