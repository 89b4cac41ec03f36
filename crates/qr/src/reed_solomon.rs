//! Reed-Solomon error correction over GF(256) with the polynomial 0x11d (ISO/IEC 18004 section 7.5).

const EXP: [u8; 512] = tables().0;
const LOG: [u8; 256] = tables().1;

const fn tables() -> ([u8; 512], [u8; 256]) {
    let (mut exp, mut log) = ([0; 512], [0; 256]);
    let mut value: u16 = 1;
    let mut i = 0;
    while i < 255 {
        exp[i] = value as u8;
        exp[i + 255] = value as u8;
        log[value as usize] = i as u8;
        value <<= 1;
        if value > 255 {
            value ^= 0x11d;
        }
        i += 1;
    }
    (exp, log)
}

fn mul(a: u8, b: u8) -> u8 {
    if a == 0 || b == 0 { 0 } else { EXP[usize::from(LOG[usize::from(a)]) + usize::from(LOG[usize::from(b)])] }
}

fn div(a: u8, b: u8) -> u8 {
    if a == 0 { 0 } else { EXP[usize::from(LOG[usize::from(a)]) + 255 - usize::from(LOG[usize::from(b)])] }
}

/// 2 to the power of `n`.
fn power(n: usize) -> u8 {
    EXP[n % 255]
}

/// The value of a polynomial with the lowest coefficient first.
fn evaluate(polynomial: &[u8], x: u8) -> u8 {
    polynomial.iter().rev().fold(0, |sum, &c| mul(sum, x) ^ c)
}

fn syndromes(block: &[u8], parity: usize) -> Vec<u8> {
    (0..parity)
        .map(|i| {
            let log_x = i % 255;
            block.iter().fold(0, |sum: u8, &c| {
                let shifted = if sum == 0 { 0 } else { EXP[usize::from(LOG[usize::from(sum)]) + log_x] };
                shifted ^ c
            })
        })
        .collect()
}

/// The error correction codewords of a block: the remainder of its division by the generator polynomial.
pub(crate) fn parity(data: &[u8], count: usize) -> Vec<u8> {
    let mut generator = vec![1_u8];
    for i in 0..count {
        generator.push(0);
        for j in (1..generator.len()).rev() {
            generator[j] ^= mul(generator[j - 1], power(i));
        }
    }
    let mut remainder = vec![0_u8; count];
    for &byte in data {
        let factor = byte ^ remainder.remove(0);
        remainder.push(0);
        for (r, &g) in remainder.iter_mut().zip(&generator[1..]) {
            *r ^= mul(g, factor);
        }
    }
    remainder
}

/// Corrects a block in place; its last `parity` bytes are the error correction codewords. Returns the number of errors.
///
/// `erased` holds the indices of uncertain bytes. An erasure costs one parity byte, an unknown error two. `spare` of the
/// parity bytes are kept for detection. `None` when the block has more errors than the rest can correct.
pub(crate) fn correct(block: &mut [u8], parity: usize, spare: usize, erased: &[usize]) -> Option<usize> {
    let syndromes_before = syndromes(block, parity);
    if syndromes_before.iter().all(|&s| s == 0) {
        return Some(0);
    }
    let last = block.len() - 1;

    // Berlekamp-Massey, started from the erasure locator.
    let mut locator = vec![1_u8];
    for &index in erased {
        let root = power(last - index);
        locator.push(0);
        for i in (1..locator.len()).rev() {
            locator[i] ^= mul(locator[i - 1], root);
        }
    }
    let mut previous = locator.clone();
    let mut errors = erased.len();
    for step in erased.len()..parity {
        let mut discrepancy = 0;
        for (i, &c) in locator.iter().enumerate().take(step + 1) {
            discrepancy ^= mul(c, syndromes_before[step - i]);
        }
        previous.insert(0, 0);
        if discrepancy == 0 {
            continue;
        }
        let longer = previous.len().max(locator.len());
        let mut next = locator.clone();
        next.resize(longer, 0);
        for (n, &p) in next.iter_mut().zip(&previous) {
            *n ^= mul(discrepancy, p);
        }
        if 2 * errors <= step + erased.len() {
            errors = step + 1 + erased.len() - errors;
            previous = locator.iter().map(|&c| div(c, discrepancy)).collect();
        }
        locator = next;
    }
    while locator.last() == Some(&0) {
        locator.pop();
    }
    let found = locator.len() - 1;
    let unknown = found.checked_sub(erased.len())?;
    if found == 0 || 2 * unknown + erased.len() + spare > parity {
        return None;
    }

    // Forney: the magnitude of each error.
    let mut omega = vec![0; parity];
    for (i, &l) in locator.iter().enumerate() {
        for (j, &s) in syndromes_before.iter().enumerate().take(parity - i) {
            omega[i + j] ^= mul(l, s);
        }
    }
    let derivative: Vec<u8> =
        locator.iter().enumerate().skip(1).map(|(i, &c)| if i % 2 == 1 { c } else { 0 }).collect();
    let mut roots = 0;
    for (index, byte) in block.iter_mut().enumerate() {
        let position = last - index;
        let inverse = power(255 - position % 255);
        if evaluate(&locator, inverse) == 0 {
            roots += 1;
            let slope = evaluate(&derivative, inverse);
            if slope == 0 {
                return None;
            }
            let magnitude = mul(power(position), div(evaluate(&omega, inverse), slope));
            *byte ^= magnitude;
        }
    }
    if roots != found || syndromes(block, parity).iter().any(|&s| s != 0) {
        return None;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encode(data: &[u8], parity: usize) -> Vec<u8> {
        [data, &super::parity(data, parity)].concat()
    }

    #[test]
    fn parity_of_the_example_in_the_standard() {
        // ISO/IEC 18004 annex I: version 1-M, the number 01234567.
        let data = [0x10, 0x20, 0x0c, 0x56, 0x61, 0x80, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11];
        let parity = [0xa5, 0x24, 0xd4, 0xc1, 0xed, 0x36, 0xc7, 0x87, 0x2c, 0x55];
        assert_eq!(encode(&data, 10)[16..], parity);
    }

    proptest! {
        #[test]
        fn corrects_up_to_its_bound(
            data in proptest::collection::vec(any::<u8>(), 1..120),
            parity in 7_usize..31,
            seed in proptest::collection::vec((any::<prop::sample::Index>(), 1_u8..), 0..40),
            erasures in 0_usize..12,
        ) {
            let whole = encode(&data, parity);
            let mut damaged = whole.clone();
            let mut hit: Vec<usize> = Vec::new();
            for (index, change) in seed {
                let at = index.index(whole.len());
                if !hit.contains(&at) {
                    damaged[at] ^= change;
                    hit.push(at);
                }
            }
            let known: Vec<usize> = hit.iter().copied().take(erasures).collect();
            let load = 2 * (hit.len() - known.len()) + known.len();
            let got = correct(&mut damaged, parity, 0, &known);
            if load <= parity {
                prop_assert!(got.is_some());
                prop_assert_eq!(damaged, whole);
            } else if got.is_some() {
                // Beyond the bound another codeword may be nearer, but the result must be a codeword.
                prop_assert!(syndromes(&damaged, parity).iter().all(|&s| s == 0));
            }
        }

        #[test]
        fn spare_parity_is_never_used(
            data in proptest::collection::vec(any::<u8>(), 10..20),
            change in proptest::collection::vec(1_u8.., 3),
        ) {
            // Version 1-L: 7 parity bytes, 3 of them spare, so 2 errors are corrected and 3 are not.
            let whole = encode(&data, 7);
            let mut damaged = whole.clone();
            damaged[0] ^= change[0];
            damaged[4] ^= change[1];
            let mut three = damaged.clone();
            prop_assert_eq!(correct(&mut damaged, 7, 3, &[]), Some(2));
            prop_assert_eq!(damaged, whole);
            three[7] ^= change[2];
            let got = correct(&mut three, 7, 3, &[]);
            prop_assert!(got.is_none_or(|n| n <= 2));
        }
    }
}
