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

/** Forgets what was not used for longest when keys and values hold more than `capacity` characters. */
export class Bounded {
  #map = new Map(); // the least recently used entry first
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
    this.#map.delete(key);
    this.#map.set(key, entry);
    return entry.value;
  }

  /** Inserts a value that holds so many characters beside its key. */
  put(key, value, characters) {
    this.#forget(key);
    const size = ENTRY + key.length + characters;
    this.#map.set(key, { value, size });
    this.held += size;
    for (const oldest of this.#map.keys()) {
      if (this.held <= this.#capacity) break;
      this.#forget(oldest);
    }
  }

  #forget(key) {
    this.held -= this.#map.get(key)?.size ?? 0;
    this.#map.delete(key);
  }
}
