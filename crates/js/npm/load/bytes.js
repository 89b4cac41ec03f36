// Unpacks bytes that crates/xtask/src/packed.rs has packed into a line of text; that file describes the format.
export function bytes(packed) {
  const common = [];
  const rare = [];
  for (let byte = 0; byte < 256; byte++) (parseInt(packed[byte >> 2], 16) & (1 << (byte & 3)) ? common : rare).push(byte);
  const all = Uint8Array.from(common.concat(rare));
  const bytes = new Uint8Array(packed.length);
  let end = 0;
  for (let i = 64, from = 0; i < packed.length; i++) {
    const letter = packed.charCodeAt(i);
    if (letter > 124) from = 90 * (letter - 124);
    else {
      bytes[end++] = all[from + letter - 32 - (letter > 34) - (letter > 60) - (letter > 92)];
      from = 0;
    }
  }
  return bytes.subarray(0, end);
}
