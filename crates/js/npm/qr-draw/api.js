import * as qr from "#glue";
import { PortcullisError } from "../error.js";
import { TEXT, chosen, oneOf, text as isText } from "../given/index.js";

const OPTIONS = {
  title: TEXT,
  quietZone: ["a whole number from 0 to 64", (value) => Number.isInteger(value) && value >= 0 && value <= 64],
  errorCorrection: oneOf("L", "M", "Q", "H"),
};

export function drawQr(text, options) {
  isText(text, "text");
  const { title = "QR code", quietZone = 4, errorCorrection = "M" } = chosen(options, OPTIONS);
  const drawn = qr.drawQr(text, title, quietZone, "LMQH".indexOf(errorCorrection));
  if (drawn.startsWith("<")) return drawn;
  throw new PortcullisError(...drawn.split("\n"));
}
