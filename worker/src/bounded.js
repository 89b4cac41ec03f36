// Maps limited by the text that they hold, as `state/bounded.rs` of the core is.

const MAX_ENTRIES = 1024;

/** Caches an answer of the core that depends on this text alone. A text longer than `most` is rare, and asked each time. */
export function cached(map, text, ask, most = 64) {
  let answer = map.get(text);
  if (answer !== undefined) return answer;
  answer = ask(text);
  if (text.length <= most) {
    if (map.size >= MAX_ENTRIES) map.clear();
    map.set(text, answer);
  }
  return answer;
}

/** What an entry takes beside its text. */
const ENTRY = 256;

/**
 * Forgets what was not used for some time when keys and values hold more than `capacity` characters. A use is a mark alone: moving an
 * entry each time would cost more than finding it.
 */
export class Bounded {
  #map = new Map(); // the next to be looked at first
  #capacity;
  /** What it holds, in characters. */
  held = 0;

  constructor(capacity) {
    this.#capacity = capacity;
  }

  /** Looks an entry up, which counts as use. */
  get(key) {
    const entry = this.#map.get(key);
    if (entry === undefined) return undefined;
    entry.used = true;
    return entry.value;
  }

  /** Inserts a value that holds so many characters beside its key. */
  put(key, value, characters) {
    this.#forget(key);
    const size = ENTRY + key.length + characters;
    this.#map.set(key, { value, size, used: false });
    this.held += size;
    for (const [oldest, entry] of this.#map) {
      if (this.held <= this.#capacity) break;
      if (entry.used) {
        // It was used since it was looked at last, and is looked at again after all others.
        entry.used = false;
        this.#map.delete(oldest);
        this.#map.set(oldest, entry);
      } else this.#forget(oldest);
    }
  }

  #forget(key) {
    this.held -= this.#map.get(key)?.size ?? 0;
    this.#map.delete(key);
  }
}
