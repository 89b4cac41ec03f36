import * as qr from "#glue";
import { text as isText } from "../given/index.js";

export { readQr } from "#glue";

export function drawQr(text, options) {
  isText(text, "text");
  return qr.drawQr(text, options);
}
