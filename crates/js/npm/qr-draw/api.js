import * as qr from "#glue";
import { PortcullisError } from "../error.js";
import { text as isText } from "../given/index.js";

const OPTIONS = {
  title: ["a string", (value) => typeof value === "string"],
  quietZone: ["a whole number from 0 to 64", (value) => Number.isInteger(value) && value >= 0 && value <= 64],
  errorCorrection: ['"L", "M", "Q" or "H"', (value) => ["L", "M", "Q", "H"].includes(value)],
};

export function drawQr(text, options) {
  isText(text, "text");
  const { title = "QR code", quietZone = 4, errorCorrection = "M" } = checked(options);
  const drawn = qr.drawQr(text, title, quietZone, "LMQH".indexOf(errorCorrection));
  if (drawn.startsWith("<")) return drawn;
  throw new PortcullisError(...drawn.split("\n"));
}

/** The options that are given; `null` and `undefined` are none. A mistyped name would change nothing without a word. */
function checked(options = {}) {
  const refuse = (message) => {
    throw new PortcullisError("BAD_ARGUMENT", message);
  };
  if (typeof options !== "object") refuse('The argument "options" must be an object.');
  const given = Object.entries(options ?? {}).filter(([, value]) => value !== undefined && value !== null);
  for (const [name, value] of given) {
    if (!Object.hasOwn(OPTIONS, name)) refuse(`There is no option "${name}": the options are ${Object.keys(OPTIONS).join(", ")}.`);
    const [what, fits] = OPTIONS[name];
    if (!fits(value)) refuse(`The option "${name}" must be ${what}.`);
  }
  return Object.fromEntries(given);
}
