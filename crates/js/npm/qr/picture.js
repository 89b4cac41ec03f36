import { PortcullisError } from "../error.js";
import { kindOf } from "../given/kind.js";

// By its name, not `instanceof`: an element of another frame has another class.
const SIZES = {
  HTMLImageElement: ["naturalWidth", "naturalHeight"],
  HTMLVideoElement: ["videoWidth", "videoHeight"],
  HTMLCanvasElement: ["width", "height"],
  OffscreenCanvas: ["width", "height"],
  ImageBitmap: ["width", "height"],
};

export async function pictureOf(source) {
  const kind = kindOf(source);
  if (kind === "ImageData") return source;
  if (kind === "Blob" || kind === "File") {
    const bitmap = await createImageBitmap(source).catch(() => {
      throw new PortcullisError("BAD_ARGUMENT", 'The argument "source" is a file that this browser cannot decode as a picture.');
    });
    try {
      return drawn(bitmap, bitmap.width, bitmap.height);
    } finally {
      bitmap.close();
    }
  }
  if (!Object.hasOwn(SIZES, kind)) {
    throw new PortcullisError("BAD_ARGUMENT", 'The argument "source" must be an img, video or canvas element, an ImageBitmap, an ImageData, a Blob or a File.');
  }
  // An img without a source, or with a broken one, has no pixels: that is told below.
  if (kind === "HTMLImageElement") await source.decode().catch(() => {});
  const [width, height] = SIZES[kind].map((side) => source[side]);
  return drawn(source, width, height);
}

function drawn(source, width, height) {
  if (!(width > 0 && height > 0)) throw new PortcullisError("QR_EMPTY_PICTURE", "The picture has no pixels.");
  const canvas = typeof OffscreenCanvas === "undefined" ? Object.assign(document.createElement("canvas"), { width, height }) : new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(source, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}
