// Hands files over to the person.
import { download } from "./files.ts";

const isHomeScreenApp = (): boolean => (navigator as { standalone?: boolean }).standalone === true;

/**
 * As a download; in an iOS home-screen app, where a download does nothing at all, by the share sheet. False when the person closed
 * the share sheet again.
 */
export async function hand(name: string, bytes: Uint8Array, type: string): Promise<boolean> {
  if (!isHomeScreenApp()) {
    download(name, bytes);
    return true;
  }
  const file = (called: string, as: string): File => new File([bytes as BlobPart], called, { type: as });
  // A share sheet takes a fixed list of kinds; plain text is always among them.
  const files = [file(name, type), file(`${name}.txt`, "text/plain")].find((one) => navigator.canShare?.({ files: [one] }));
  if (!files) return false;
  try {
    await navigator.share({ files: [files] });
    return true;
  } catch {
    return false;
  }
}

/** Prints what the page shows for paper. False where the browser has no way to. */
export function print(): boolean {
  if (typeof window.print !== "function") return false;
  window.print();
  return true;
}
