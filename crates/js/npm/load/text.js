// wasm-bindgen's glue creates an encoder and a decoder when it is loaded, but jsdom, in which many tests run, has
// neither class.
export const TextEncoder = globalThis.TextEncoder ?? class {
  encode(text) {
    return Uint8Array.from(unescape(encodeURIComponent(text)), (letter) => letter.charCodeAt());
  }
};

export const TextDecoder = globalThis.TextDecoder ?? class {
  decode(bytes = []) {
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return decodeURIComponent(escape(text));
  }
};
