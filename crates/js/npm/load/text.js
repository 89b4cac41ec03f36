// wasm-bindgen's glue makes an encoder and a decoder when it is loaded. jsdom, where people's tests run, has neither.
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
