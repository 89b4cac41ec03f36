import { type Shown, accountOf, halves, shortened, title } from "../app/names.ts";
import { Icon } from "./Icon.tsx";
import { say } from "./say.ts";

const FITS = 24; // characters that every screen has room for

/** A text that loses its middle where there is no room, never its end. */
const Cut = ({ text }: { text: string }) => {
  if (text.length <= FITS) return <>{text}</>;
  const [head, tail] = halves(shortened(text));
  return (
    <span class="cut">
      <span>{head}</span>
      <span>{tail}</span>
    </span>
  );
};

/** Service and account, each on a line of its own and in a direction of its own. */
export function Who({ of, shown, pinned, spoken }: { of: { issuer: string; name: string }; shown: Shown; pinned?: boolean; spoken?: string }) {
  const account = accountOf(of);
  const { mark, whole } = shown;
  return (
    <span class="who">
      <span class="who-head">
        <bdi class="issuer">
          <Cut text={title(of)} />
        </bdi>
        {pinned ? <Icon name="pin" /> : null}
        {mark ? <span class="mark">{say(mark.key, mark.vars)}</span> : null}
      </span>
      <bdi class={whole ? "account whole" : "account"}>{account === "" ? "" : whole ? shortened(account) : <Cut text={account} />}</bdi>
      {spoken ? <span class="spoken">{spoken}</span> : null}
    </span>
  );
}
