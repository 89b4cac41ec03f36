import { K256, K512 } from "#places";

// SHA-2's round constants: the first 64 bits of the fractional parts of the cube roots of the first 80 primes (FIPS 180-4
// section 4.2.3); SHA-256 has the upper halves of the first 64. They are 0.9 kB that do not compress, so the build leaves them
// out of the wasm. Without literals of BigInt, which a bundler cannot write for an older target.
export function constants(view) {
  const primes = [];
  for (let n = 2; primes.length < 80; n++) {
    if (primes.some((prime) => n % prime == 0)) continue;
    const at = primes.push(n) - 1;
    // The cube root of n in units of 2^-64, by Newton's method from above: it ends at the whole number below.
    const cube = BigInt(n) << BigInt(192);
    let root;
    for (let next = BigInt(1) << BigInt(67); root === undefined || next < root; ) {
      root = next;
      next = (root + root + cube / root / root) / BigInt(3);
    }
    // Both writes leave out the whole part.
    view.setBigUint64(K512 + 8 * at, root, true);
    if (at < 64) view.setUint32(K256 + 4 * at, Number(root >> BigInt(32)), true);
  }
}
