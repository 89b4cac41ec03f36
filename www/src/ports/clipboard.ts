/** Puts a code on the clipboard; false where the browser refuses. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** What a paste or a drop brought: a picture, else text. */
export function given(data: DataTransfer | null): { file: File } | { text: string } | null {
  const file = [...(data?.files ?? [])].find(({ type }) => type.startsWith("image/"));
  if (file) return { file };
  const text = data?.getData("text/plain").trim();
  return text ? { text } : null;
}
