import type { Words } from "./model.ts";

/** The shortest passphrase that is taken; the advice beside the field asks for more. */
export const MIN_PASSPHRASE = 8;

/** Why a new passphrase cannot be taken, or null. */
export function passphraseFault(passphrase: string, again: string): Words | null {
  if ([...passphrase].length < MIN_PASSPHRASE) return { key: "passphrase.short", vars: { least: MIN_PASSPHRASE } };
  if (passphrase !== again) return { key: "passphrase.differs" };
  return null;
}

/** Whether a guess of the passphrase is cheaper than 64 MiB and 3 passes, the least for a device that can bear them. */
export const isWeak = ({ memoryKib, passes }: { memoryKib: number; passes: number }): boolean => memoryKib < 65_536 || passes < 3;
