import type { Emit, Left, ReportSheet, Words } from "../app/model.ts";
import { Actions } from "./Field.tsx";
import { say, sayWords } from "./say.ts";
import { Sheet } from "./Sheet.tsx";

/** Accounts by name, each with what became of it. */
export const Reasons = ({ of, kind }: { of: Left[]; kind: "danger" | "caution" }) => (
  <ul class={`reasons ${kind}`}>
    {of.map(({ title, why }, at) => (
      <li key={at}>
        <bdi>{title || say("left.nameless")}</bdi>
        <span>{sayWords(why)}</span>
      </li>
    ))}
  </ul>
);

/** What is to be known of a file. */
export const Said = ({ of }: { of: Words[] }) => (
  <>
    {of.map((words, at) => (
      <p class="note caution" key={at}>
        {sayWords(words)}
      </p>
    ))}
  </>
);

/** Says how many of these entries are kept without codes. */
export function Kept({ of }: { of: Left[] }) {
  const count = of.filter(({ original }) => original).length;
  return count > 0 ? <p>{say("report.kept", { count })}</p> : null;
}

/** What became of an import, where more is to say than that all of it is here. */
export function Report({ sheet, emit }: { sheet: ReportSheet; emit: Emit }) {
  const { saved, total, left, changed, doubles, said, present } = sheet;
  return (
    <Sheet title={say("report.title", { count: total, saved })} emit={emit}>
      <Said of={said} />
      {left.length > 0 ? (
        <section>
          <h3>{say("report.left", { count: left.length })}</h3>
          <Reasons of={left} kind="danger" />
          <Kept of={left} />
          <p>{say("report.keep")}</p>
        </section>
      ) : null}
      {changed.length > 0 ? (
        <section>
          <h3>{say("report.changed", { count: changed.length })}</h3>
          <Reasons of={changed} kind="caution" />
        </section>
      ) : null}
      {doubles.length > 0 ? (
        <section>
          <h3>{say("report.doubles", { count: doubles.length })}</h3>
          <Reasons of={doubles} kind="caution" />
        </section>
      ) : null}
      {present > 0 ? <p class="quiet">{say("report.present", { count: present })}</p> : null}
      <Actions>
        <button type="button" class="button main" onClick={() => emit({ type: "close sheet" })}>
          {say("report.done")}
        </button>
      </Actions>
    </Sheet>
  );
}
