//! Sorts the functions of a wasm so that similar ones stand near each other. gzip looks only 32 KiB back: 2 % less of the largest entry.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use crate::run::Outcome;

/// The bytes of a function are compared in pieces of this length. Of 4 to 9, six compresses best.
const PIECE: usize = 6;
/// gzip's window, and a little less.
const WINDOW: usize = 30_000;

/// The wasm with a name for each function. Sorted by these names, similar functions are neighbours.
pub(crate) fn named(wasm: &[u8]) -> Outcome<Vec<u8>> {
    let (imported, bodies) = functions(wasm).ok_or("a wasm cannot be read")?;
    let mut names: Vec<(usize, String)> = (0..imported).map(|index| (index, format!("a{index}"))).collect();
    for (place, function) in order(&bodies).into_iter().enumerate() {
        names.push((imported + function, format!("f{place:06}")));
    }
    names.sort();
    let mut list = leb(names.len());
    for (index, name) in names {
        list.extend([leb(index), leb(name.len()), name.into_bytes()].concat());
    }
    // A custom section that is called "name", with the subsection of functions.
    let section = [b"\x04name\x01".to_vec(), leb(list.len()), list].concat();
    Ok([wasm.to_vec(), vec![0], leb(section.len()), section].concat())
}

/// One function after the other: next is the one that has most of its bytes in the window of those before.
fn order(bodies: &[&[u8]]) -> Vec<usize> {
    let mut holders: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (function, body) in bodies.iter().enumerate() {
        for piece in body.windows(PIECE).collect::<HashSet<_>>() {
            holders.entry(piece).or_default().push(function);
        }
    }
    // The pieces that occur in other functions too.
    let mut shared: Vec<Vec<&Vec<usize>>> = vec![Vec::new(); bodies.len()];
    holders.retain(|_, functions| functions.len() > 1);
    let mut numbers: Vec<Vec<usize>> = vec![Vec::new(); bodies.len()];
    for (number, functions) in holders.values().enumerate() {
        for function in functions {
            if let (Some(list), Some(own)) = (shared.get_mut(*function), numbers.get_mut(*function)) {
                list.push(functions);
                own.push(number);
            }
        }
    }
    let mut seen = vec![0_u32; holders.len()];
    let mut scores = vec![0_usize; bodies.len()];
    let mut left: BTreeMap<usize, usize> = bodies.iter().map(|body| body.len()).enumerate().collect();
    let (mut window, mut size, mut sorted) = (VecDeque::new(), 0, Vec::new());
    let first = left.iter().max_by_key(|(function, len)| (**len, std::cmp::Reverse(**function)));
    let mut next = first.map(|(function, _)| *function);
    while let Some(function) = next {
        let len = left.remove(&function).unwrap_or(0);
        sorted.push(function);
        window.push_back((function, len));
        size += len;
        let mut count = |function: usize, enters: bool| {
            let lists = shared.get(function).into_iter().flatten().zip(numbers.get(function).into_iter().flatten());
            for (functions, number) in lists {
                let Some(times) = seen.get_mut(*number) else { continue };
                let before = *times;
                *times = if enters { before + 1 } else { before - 1 };
                if before == u32::from(!enters) {
                    for function in *functions {
                        if let Some(score) = scores.get_mut(*function) {
                            *score = if enters { *score + 1 } else { *score - 1 };
                        }
                    }
                }
            }
        };
        count(function, true);
        while size > WINDOW && window.len() > 1 {
            let Some((function, len)) = window.pop_front() else { break };
            size -= len;
            count(function, false);
        }
        // The share of the function that is in the window; the first of equals.
        let share = |(function, len): &(&usize, &usize)| {
            let score = scores.get(**function).copied().unwrap_or(0);
            (score * 100_000 / (**len + 8), std::cmp::Reverse(**function))
        };
        next = left.iter().max_by_key(share).map(|(function, _)| *function);
    }
    sorted
}

/// The number of imported functions, and the body of each other one.
fn functions(wasm: &[u8]) -> Option<(usize, Vec<&[u8]>)> {
    let mut rest = Bytes(wasm.strip_prefix(b"\0asm\x01\0\0\0")?);
    let (mut imported, mut bodies) = (0, Vec::new());
    while !rest.0.is_empty() {
        let id = rest.byte()?;
        let len = rest.number()?;
        let mut section = Bytes(rest.take(len)?);
        match id {
            2 => {
                for _ in 0..section.number()? {
                    for _ in 0..2 {
                        let len = section.number()?;
                        section.take(len)?;
                    }
                    match section.byte()? {
                        0 => {
                            section.number()?;
                            imported += 1;
                        }
                        kind @ (1 | 2) => {
                            if kind == 1 {
                                section.byte()?;
                            }
                            if section.number()? & 1 == 1 {
                                section.number()?;
                            }
                            section.number()?;
                        }
                        3 => drop(section.take(2)?),
                        _ => {
                            section.byte()?;
                            section.number()?;
                        }
                    }
                }
            }
            10 => {
                for _ in 0..section.number()? {
                    let len = section.number()?;
                    bodies.push(section.take(len)?);
                }
            }
            _ => {}
        }
    }
    Some((imported, bodies))
}

struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take(&mut self, len: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    /// LEB128.
    fn number(&mut self) -> Option<usize> {
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }
}

fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f).to_le_bytes()[0];
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::{functions, named, order};

    #[test]
    fn similar_functions_become_neighbours() {
        let (one, other) = (b"abcdefghijklmnop".as_slice(), b"0123456789012345".as_slice());
        let [near, far] = [b"abcdefghijklmnox".as_slice(), b"0123456789012349".as_slice()];
        assert_eq!(order(&[one, other, near, far]), [0, 2, 1, 3]);
        assert_eq!(order(&[]), [0_usize; 0]);
    }

    #[test]
    fn a_wasm_is_named_in_that_order() {
        // One type, one imported function, two functions that return.
        let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02\x07\x01\x01a\x01b\0\0\x03\x03\x02\0\0\x0a\x07\x02\x02\0\x0b\x02\0\x0b";
        assert_eq!(functions(wasm).unwrap(), (1, vec![b"\0\x0b".as_slice(), b"\0\x0b"]));
        assert!(named(wasm).unwrap().ends_with(b"\x01\x17\x03\0\x02a0\x01\x07f000000\x02\x07f000001"));
        assert!(named(b"\0asm\x01\0\0\0\x0a\xff").is_err());
    }
}
