//! A signature of ECDSA in DER (RFC 3279 section 2.2.3, X.690 section 10), as WebCrypto wants it: r and s of 32 bytes each.

/// r and s, padded on the left. `None` unless both are positive, in the shortest form, and nothing follows.
pub fn signature(der: &[u8]) -> Option<[u8; 64]> {
    let [0x30, len, rest @ ..] = der else { return None };
    // Two numbers of 33 bytes with their heads are 70 bytes: the length has one byte.
    if usize::from(*len) != rest.len() || *len >= 0x80 {
        return None;
    }
    let (r, rest) = integer(rest)?;
    let (s, rest) = integer(rest)?;
    if !rest.is_empty() {
        return None;
    }
    let mut out = [0; 64];
    let (left, right) = out.split_at_mut(32);
    left.copy_from_slice(&r);
    right.copy_from_slice(&s);
    Some(out)
}

fn integer(bytes: &[u8]) -> Option<([u8; 32], &[u8])> {
    let [0x02, len, rest @ ..] = bytes else { return None };
    let (number, rest) = rest.split_at_checked(usize::from(*len))?;
    let digits = match number {
        // A zero keeps the next byte, which would be a sign, positive.
        [0, next, ..] if *next >= 0x80 => number.get(1..)?,
        // A needless zero, zero itself, a negative number, or nothing.
        [0, ..] | [0x80..=0xff, ..] | [] => return None,
        _ => number,
    };
    let mut out = [0; 32];
    let start = out.len().checked_sub(digits.len())?;
    out.get_mut(start..)?.copy_from_slice(digits);
    Some((out, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
        let number = |n: &[u8]| [&[0x02, u8::try_from(n.len()).unwrap()][..], n].concat();
        let body = [number(r), number(s)].concat();
        [&[0x30, u8::try_from(body.len()).unwrap()][..], &body].concat()
    }

    #[test]
    fn numbers_are_padded_on_the_left() {
        let signed = signature(&der(&[1; 31], &[0x7f; 32])).unwrap();
        assert_eq!((signed[0], signed[1], signed[32]), (0, 1, 0x7f));
        let signed = signature(&der(&[&[0][..], &[0x80; 32]].concat(), &[5])).unwrap();
        assert_eq!((signed[0], signed[62], signed[63]), (0x80, 0, 5));
    }

    #[test]
    fn only_the_shortest_form_is_taken() {
        let good = der(&[1; 32], &[1; 32]);
        assert!(signature(&good).is_some());
        for bad in [
            der(&[0x80; 32], &[1; 32]),                   // negative
            der(&[0, 1], &[1; 32]),                       // a needless zero
            der(&[0], &[1]),                              // zero
            der(&[], &[1]),                               // no number
            der(&[1; 33], &[1]),                          // too long
            [&good[..], &[0]].concat(),                   // bytes after it
            [&[0x30, 0x81, 68][..], &good[2..]].concat(), // length in the long form
            good[..good.len() - 1].to_vec(),
            vec![1; 64],
            vec![],
        ] {
            assert_eq!(signature(&bad), None, "{bad:x?}");
        }
    }
}
