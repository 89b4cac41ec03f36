// Looks for QR codes in pictures, away from the page, so that the camera's picture never stutters.
import { readQr } from "portcullis/qr";
import type { ScanAnswer, ScanAsk } from "./messages.ts";

declare const self: DedicatedWorkerGlobalScope;

function texts({ bitmap, sides }: ScanAsk): string[] {
  const longest = Math.max(bitmap.width, bitmap.height);
  const tried = new Set<number>();
  for (const side of sides) {
    const scale = Math.min(1, side / longest);
    if (tried.has(scale)) continue;
    tried.add(scale);
    const width = Math.max(1, Math.round(bitmap.width * scale));
    const height = Math.max(1, Math.round(bitmap.height * scale));
    const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    if (!context) return [];
    context.fillStyle = "#fff"; // What is transparent in a screenshot was light.
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0, width, height);
    const found = readQr(context.getImageData(0, 0, width, height));
    if (found.length > 0) return found;
  }
  return [];
}

self.onmessage = ({ data }: MessageEvent<ScanAsk>) => {
  let found: string[] = [];
  try {
    found = texts(data);
  } finally {
    data.bitmap.close();
    self.postMessage({ id: data.id, texts: found } satisfies ScanAnswer);
  }
};
