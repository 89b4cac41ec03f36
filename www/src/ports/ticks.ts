// Which of the well-known services a person has ticked off: numbers of a list that everybody has, and no word of their own.
const KEY = "portcullis.ticks";

export function ticks(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}

export function keepTicks(kept: string[]): void {
  try {
    if (kept.length === 0) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // A full or forbidden storage costs some ticks, no more.
  }
}
