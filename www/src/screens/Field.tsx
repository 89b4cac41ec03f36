import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Words } from "../app/model.ts";
import { Icon, type IconName } from "./Icon.tsx";
import { say, sayWords } from "./say.ts";

interface TextProps {
  id: string;
  label: string;
  value?: string;
  hint?: string;
  /** What is wrong with this field. */
  fault?: Words | null;
  type?: "text" | "number";
  mono?: boolean;
  autofocus?: boolean;
  onValue?: (value: string) => void;
}

/** Brings a field with a fault before the person's eyes: opened, scrolled to, focused. */
function useFault<Field extends HTMLElement>(field: { current: Field | null }, fault: Words | null | undefined): void {
  useLayoutEffect(() => {
    const node = field.current;
    if (!fault || !node) return;
    const folded = node.closest("details");
    if (folded) folded.open = true;
    node.focus({ preventScroll: true });
    node.scrollIntoView({ block: "center" });
  }, [fault]);
}

/** The ids of what stands below a field. */
const described = (id: string, hint: unknown, fault: unknown): string | undefined => [fault ? `${id}-fault` : "", hint ? `${id}-hint` : ""].filter(Boolean).join(" ") || undefined;

const Below = ({ id, hint, fault }: { id: string; hint?: string | undefined; fault?: Words | null | undefined }) => (
  <>
    {fault ? (
      <p class="fault" id={`${id}-fault`} role="alert">
        {sayWords(fault)}
      </p>
    ) : null}
    {hint ? (
      <p class="hint" id={`${id}-hint`}>
        {hint}
      </p>
    ) : null}
  </>
);

/** Browsers keep `autofocus` for pages and for sheets that open; what appears later is focused here. */
export function useAutofocus<Field extends HTMLElement>(wanted: boolean | undefined) {
  const field = useRef<Field>(null);
  useLayoutEffect(() => {
    if (wanted) field.current?.focus();
  }, []);
  return field;
}

export function Text(props: TextProps) {
  const field = useAutofocus<HTMLInputElement>(props.autofocus);
  useFault(field, props.fault);
  return (
    <div class="field">
      <label for={props.id}>{props.label}</label>
      <input
        ref={field}
        id={props.id}
        name={props.id}
        class={props.mono ? "mono" : undefined}
        type="text"
        inputMode={props.type === "number" ? "numeric" : undefined}
        value={props.value}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        autofocus={props.autofocus}
        aria-invalid={props.fault ? true : undefined}
        aria-describedby={described(props.id, props.hint, props.fault)}
        onInput={(event) => props.onValue?.(event.currentTarget.value)}
      />
      <Below id={props.id} hint={props.hint} fault={props.fault} />
    </div>
  );
}

/** One of a few. */
export function Select(props: { id: string; label: string; value: string; options: [value: string, name: string][]; fault?: Words | null; onValue: (value: string) => void }) {
  const field = useRef<HTMLSelectElement>(null);
  useFault(field, props.fault);
  return (
    <div class="field">
      <label for={props.id}>{props.label}</label>
      <select
        ref={field}
        id={props.id}
        value={props.value}
        aria-invalid={props.fault ? true : undefined}
        aria-describedby={described(props.id, null, props.fault)}
        onChange={(event) => props.onValue(event.currentTarget.value)}
      >
        {props.options.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
      <Below id={props.id} fault={props.fault} />
    </div>
  );
}

/** A passphrase: read from the form when it is sent, never kept in the state. */
export function Passphrase(props: { id: string; label: string; fresh?: boolean; autofocus?: boolean; hint?: string }) {
  const [shown, show] = useState(false);
  const field = useAutofocus<HTMLInputElement>(props.autofocus);
  return (
    <div class="field">
      <label for={props.id}>{props.label}</label>
      <div class="with-button">
        <input
          ref={field}
          id={props.id}
          name={props.id}
          type={(shown ? "text" : "password") as "text"}
          autocomplete={props.fresh ? "new-password" : "current-password"}
          autocapitalize="off"
          spellcheck={false}
          autofocus={props.autofocus}
          aria-describedby={props.hint ? `${props.id}-hint` : undefined}
        />
        <button type="button" class="quiet-button" aria-pressed={shown} aria-label={say("passphrase.show")} onClick={() => show(!shown)}>
          {shown ? say("hide") : say("show")}
        </button>
      </div>
      {props.hint ? (
        <p class="hint" id={`${props.id}-hint`}>
          {props.hint}
        </p>
      ) : null}
    </div>
  );
}

/** What went wrong, and what to do; read out when it appears. */
export const Note = ({ note, kind = "danger" }: { note: Words | null; kind?: "danger" | "quiet" }) => (
  <div role="alert" class={note ? `note ${kind}` : "note-empty"}>
    {note ? sayWords(note) : null}
  </div>
);

/** A large button: a drawing, what it is, and one line on what it does. */
export const Choice = (props: { icon: IconName; title: string; line?: string; onClick: () => void; main?: boolean }) => (
  <button type="button" class={props.main ? "way main" : "way"} onClick={props.onClick}>
    <Icon name={props.icon} />
    <span>
      <strong>{props.title}</strong>
      {props.line ? <small>{props.line}</small> : null}
    </span>
  </button>
);

/** The value of a field of the form that was sent. */
export const valueOf = (form: HTMLFormElement, name: string): string => String(new FormData(form).get(name) ?? "");

export const Actions = ({ children }: { children: ComponentChildren }) => <div class="actions">{children}</div>;
