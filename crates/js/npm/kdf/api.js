import * as kdf from "#glue";
import { callable } from "../given/index.js";

export function calibrate(clock, targetMs) {
  callable(clock, "clock");
  return kdf.calibrate(clock, targetMs);
}

export { stretch, kdfParams } from "#glue";
