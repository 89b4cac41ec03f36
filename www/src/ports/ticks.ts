// Earlier versions kept the services that a person has ticked off here, unencrypted. The vault keeps them now.
const KEY = "portcullis.ticks";

/** Returns and removes them. */
export function earlierTicks(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    localStorage.removeItem(KEY);
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}
