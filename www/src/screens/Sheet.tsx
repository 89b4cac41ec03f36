import type { ComponentChildren } from "preact";
import { useContext, useLayoutEffect, useRef } from "preact/hooks";
import type { Emit } from "../app/model.ts";
import { Said } from "./said.ts";
import { say } from "./say.ts";
import { Icon } from "./Icon.tsx";

/**
 * What floats: from the foot on a phone, in the middle on a desktop. The browser keeps the focus inside. `firm`: a press
 * beside it does not close it; `held`: nothing does but its own buttons.
 */
export function Sheet(props: { title: string; below?: string; emit: Emit; children: ComponentChildren; wide?: boolean; firm?: boolean; held?: boolean }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const pressed = useRef<EventTarget | null>(null);
  const { emit } = props;
  useLayoutEffect(() => {
    dialog.current?.showModal();
    const toast = dialog.current?.querySelector<HTMLElement>(":popover-open");
    toast?.hidePopover(); // What was raised before the sheet would lie under it.
    toast?.showPopover();
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
      onPointerDown={(event) => {
        pressed.current = event.target;
      }}
      onClick={(event) => {
        // Who marks text and lets go outside has not pressed outside.
        if (event.target === dialog.current && pressed.current === dialog.current && !props.firm) emit({ type: "close sheet" });
      }}
    >
      <div class="sheet-body">
        <header class="sheet-head">
          <div>
            <h2 id="sheet-title" tabIndex={-1}>
              <bdi>{props.title}</bdi>
            </h2>
            {props.below ? (
              <p class="quiet">
                <bdi>{props.below}</bdi>
              </p>
            ) : null}
          </div>
          {props.held ? null : (
            <button type="button" class="icon-button" aria-label={say("close")} onClick={() => emit({ type: "close sheet" })}>
              <Icon name="close" />
            </button>
          )}
        </header>
        {props.children}
      </div>
      {useContext(Said)}
    </dialog>
  );
}
