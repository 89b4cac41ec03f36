// Whether two accounts are the same one, and if not, in what they differ.
import type { Entry, Part } from "./model.ts";
import { plainName } from "./names.ts";

type Compared = Pick<Entry, "issuer" | "name" | "algorithm" | "digits"> & { periodSecs?: number; counter?: number; pin?: string };

/**
 * What differs between two accounts of one kind and key, in the order in which it is said. Empty: they are the same account.
 * A PIN counts where both are known.
 */
export function differences(one: Compared, other: Compared): Part[] {
  const parts: [Part, boolean][] = [
    ["issuer", plainName(one.issuer) === plainName(other.issuer)],
    ["name", plainName(one.name) === plainName(other.name)],
    ["digits", one.digits === other.digits],
    ["period", one.periodSecs === other.periodSecs],
    ["algorithm", one.algorithm === other.algorithm],
    ["counter", one.counter === other.counter],
    ["pin", !one.pin || !other.pin || one.pin === other.pin],
  ];
  return parts.filter(([, same]) => !same).map(([part]) => part);
}

/** Whether nothing but a counter differs: the same account, seen at another time. */
export const sameButCounter = (parts: Part[]): boolean => parts.every((part) => part === "counter");
