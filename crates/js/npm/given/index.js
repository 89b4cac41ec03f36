import { PortcullisError } from "../error.js";
import { kindOf } from "./kind.js";
import { FIELDS, near } from "./near.js";

// wasm-bindgen copies texts and bytes without looking at what they are: a number, or an address as a `URL`, would write over
// the wasm's memory. What is no argument at all is told here, by its name.
export function refuse(message, index) {
  const error = new PortcullisError("BAD_ARGUMENT", message);
  if (index !== undefined) error.index = index;
  throw error;
}

function must(fits, name, what, index) {
  if (!fits) refuse(`The argument "${name}" must be ${what}.`, index);
}

const isText = (value) => typeof value === "string";
// Not `instanceof`, because edge runtimes, jsdom and other frames have a class of their own.
const isBytes = (value) => kindOf(value) === "Uint8Array";
const isObject = (value) => typeof value === "object" && value !== null;

export const text = (value, name) => must(isText(value), name, "a string");
export const bytes = (value, name) => must(isBytes(value), name, "a Uint8Array");
export const texts = (value, name, what = "an array of strings") => must(Array.isArray(value) && value.every(isText), name, what);
export const list = (value, name) => must(Array.isArray(value), name, "an array");
export const callable = (value, name) => must(typeof value === "function", name, "a function");
export const number = (value, name) => must(typeof value === "number", name, "a number");
export const object = (value, name) => must(isObject(value), name, "an object");

/** What an option or a field may be, for `chosen`: in words, and the test. */
export const TEXT = ["a string", isText];
export const NUMBER = ["a number", (value) => typeof value === "number"];
export const FLAG = ["true or false", (value) => typeof value === "boolean"];
export const oneOf = (...values) => [values.map((value) => JSON.stringify(value)).join(" or "), (value) => values.includes(value)];

/**
 * The options that are given; `null` and `undefined` are none. A name that is not in the table is refused: a mistyped one
 * would change nothing without a word, or turn a protection off.
 */
export function chosen(given, table, name = "options") {
  if (given === undefined || given === null) return {};
  object(given, name);
  const taken = {};
  for (const key in given) {
    const value = given[key];
    if (value === undefined || value === null) continue;
    if (!Object.hasOwn(table, key)) refuse(`There is no "${key}" in "${name}": ${Object.keys(table).join(", ")}.`);
    const [what, fits] = table[key];
    must(fits(value), name === "options" ? key : `${name}.${key}`, what);
    taken[key] = value;
  }
  return taken;
}

/**
 * An account's own fields, each of the right type. The columns that a row of a database has beside them are left out, but a
 * name that was meant as one of ours is refused.
 */
export function account(given, index) {
  must(isObject(given), "account", "an object", index);
  const taken = {};
  for (const name in given) {
    const value = given[name];
    if (value === undefined || value === null) continue;
    if (FIELDS.includes(name)) {
      const what = ["digits", "periodSecs", "counter"].includes(name) ? "number" : "string";
      must(typeof value === what, name, `a ${what}`, index);
      taken[name] = value;
    } else if (near(name)) refuse(`There is no "${name}" in "account": ${FIELDS.join(", ")}.`, index);
  }
  must("secret" in taken, "secret", "a string", index);
  return taken;
}
