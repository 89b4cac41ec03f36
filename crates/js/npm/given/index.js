import { PortcullisError } from "../error.js";

// wasm-bindgen copies texts and bytes without looking at what they are: a number, or an address as a `URL`, would write over
// the wasm's memory. What is no argument at all is told here, by its name.
function must(fits, name, what) {
  if (!fits) throw new PortcullisError("BAD_ARGUMENT", `The argument "${name}" must be ${what}.`);
}

export const text = (value, name) => must(typeof value === "string", name, "a string");
// Not `instanceof`, because jsdom and other frames have a class of their own.
export const bytes = (value, name) => must(Object.prototype.toString.call(value) === "[object Uint8Array]", name, "a Uint8Array");
export const texts = (value, name, what = "an array of strings") =>
  must(Array.isArray(value) && value.every((part) => typeof part === "string"), name, what);
export const list = (value, name) => must(Array.isArray(value), name, "an array");
export const callable = (value, name) => must(typeof value === "function", name, "a function");
