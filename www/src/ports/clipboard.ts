/** Puts a code on the clipboard; false where the browser refuses. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** What a paste or a drop brought: files, else text. */
export function given(data: DataTransfer | null): { files: File[] } | { text: string } | null {
  const files = [...(data?.files ?? [])];
  if (files.length > 0) return { files };
  const text = data?.getData("text/plain").trim();
  return text ? { text } : null;
}
