// Long lists in short steps: what is on the screen first, the others while nobody waits, so that no tap has to.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Entry, Open, RowCode } from "../app/model.ts";

const FIRST_ROWS = 12; // as many as a screen shows
const STEP = 6; // rows that a slow phone draws within a frame or two

/** How many of the rows are drawn by now. */
export function useLimit(total: number): number {
  const [limit, set] = useState(FIRST_ROWS);
  useEffect(() => {
    const most = Math.max(total, FIRST_ROWS);
    if (limit > most) return set(most); // What a search leaves out is drawn anew after it.
    if (limit >= total) return;
    const timer = setTimeout(() => set(limit + STEP), 0);
    return () => clearTimeout(timer);
  }, [limit, total]);
  return limit;
}

interface Drawn {
  code: RowCode | undefined;
  codesMs: number;
}

/** New codes for the rows on the screen at once, for the others in steps. Until its turn a row shows what it showed. */
export function useFresh(open: Open, rows: Entry[]): (id: string, at: number) => Drawn {
  const [turn, set] = useState({ codesMs: open.codesMs, upTo: Infinity });
  const before = useRef(new Map<string, Drawn>());
  const onScreen = useOnScreen();
  const upTo = turn.codesMs === open.codesMs ? turn.upTo : 0;
  useEffect(() => {
    if (upTo >= rows.length) return;
    const timer = setTimeout(() => set({ codesMs: open.codesMs, upTo: upTo + STEP }), 0);
    return () => clearTimeout(timer);
  }, [upTo, open.codesMs, rows.length]);
  const codes = new Map(open.codes.map((code) => [code.id, code]));
  return (id, at) => {
    const last = before.current.get(id);
    const drawn = last && at >= upTo && !onScreen.has(id) ? last : { code: codes.get(id), codesMs: open.codesMs };
    before.current.set(id, drawn);
    return drawn;
  };
}

/** The ids of the rows that are on the screen or close to it. */
function useOnScreen(): Set<string> {
  const ids = useRef(new Set<string>());
  const watch = useRef<IntersectionObserver | null>(null);
  const watched = useRef(new WeakSet<Element>());
  useEffect(() => {
    watch.current ??= new IntersectionObserver(
      (seen) => {
        for (const { target, isIntersecting } of seen) ids.current[isIntersecting ? "add" : "delete"]((target as HTMLElement).dataset["id"] ?? "");
      },
      { rootMargin: "50%" },
    );
    for (const row of document.querySelectorAll("li.row")) {
      if (watched.current.has(row)) continue;
      watched.current.add(row);
      watch.current.observe(row);
    }
  });
  useEffect(() => () => watch.current?.disconnect(), []);
  return ids.current;
}
