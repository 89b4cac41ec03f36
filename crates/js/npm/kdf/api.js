import * as kdf from "#glue";
import { callable, number, object, text } from "../given/index.js";

export function stretch(passphrase, params, maxMemoryKib) {
  text(passphrase, "passphrase");
  object(params, "kdf");
  number(params.memoryKib, "kdf.memoryKib");
  number(params.passes, "kdf.passes");
  text(params.salt, "kdf.salt");
  if (maxMemoryKib != null) number(maxMemoryKib, "maxMemoryKib");
  return kdf.stretch(passphrase, params, maxMemoryKib ?? undefined);
}

export function calibrate(clock, targetMs) {
  callable(clock, "clock");
  if (targetMs != null) number(targetMs, "targetMs");
  return kdf.calibrate(clock, targetMs ?? undefined);
}

export function kdfParams(memoryKib, passes) {
  number(memoryKib, "memoryKib");
  number(passes, "passes");
  return kdf.kdfParams(memoryKib, passes);
}
