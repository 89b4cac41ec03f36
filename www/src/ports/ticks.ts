// Where earlier versions kept the services that a person has ticked off, in the clear. They stand in the vault now.
const KEY = "portcullis.ticks";

/** Takes them away from there. */
export function earlierTicks(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    localStorage.removeItem(KEY);
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}
