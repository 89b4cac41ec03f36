import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Emit } from "../app/model.ts";
import { say } from "./say.ts";
import { Icon } from "./Icon.tsx";

/** What floats: from the foot on a phone, in the middle on a desktop. The browser keeps the focus inside. */
export function Sheet(props: { title: string; emit: Emit; children: ComponentChildren; wide?: boolean; firm?: boolean }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { emit } = props;
  useEffect(() => {
    dialog.current?.showModal();
    return () => dialog.current?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={props.wide ? "sheet wide" : "sheet"}
      aria-labelledby="sheet-title"
      onCancel={(event) => {
        event.preventDefault();
        emit({ type: "close sheet" });
      }}
      onClick={(event) => {
        if (event.target === dialog.current && !props.firm) emit({ type: "close sheet" });
      }}
    >
      <div class="sheet-body">
        <header class="sheet-head">
          <h2 id="sheet-title">{props.title}</h2>
          <button type="button" class="icon-button" aria-label={say("close")} onClick={() => emit({ type: "close sheet" })}>
            <Icon name="close" />
          </button>
        </header>
        {props.children}
      </div>
    </dialog>
  );
}
