/** Lets the person choose one file; null when they change their mind. */
export const pick = async (accept: string): Promise<File | null> => (await chosen(accept, false))[0] ?? null;

/** Lets the person choose pictures, several in one go. */
export const pickPictures = (): Promise<File[]> => chosen("image/*", true);

function chosen(accept: string, multiple: boolean): Promise<File[]> {
  return new Promise((resolve) => {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = accept;
    input.multiple = multiple;
    input.hidden = true;
    const end = (files: File[]): void => {
      input.remove();
      resolve(files);
    };
    input.addEventListener("change", () => end([...(input.files ?? [])]));
    input.addEventListener("cancel", () => end([]));
    document.body.append(input); // Safari forgets an input that is not in the page.
    input.click();
  });
}

/** Hands bytes to the person as a file of theirs. */
export function download(name: string, bytes: Uint8Array): void {
  const url = URL.createObjectURL(new Blob([bytes as BlobPart], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // long enough for a "save as" question
}

/** A picture as the scan worker wants it; null when the file is none that the browser can show. */
export async function picture(file: Blob): Promise<ImageBitmap | null> {
  try {
    return await createImageBitmap(file);
  } catch {
    return null;
  }
}
