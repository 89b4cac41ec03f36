/** What an object is, by its tag: `instanceof` does not see across realms (edge runtimes, frames, jsdom). */
export const kindOf = (value) => Object.prototype.toString.call(value).slice(8, -1);
