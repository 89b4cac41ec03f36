//! Sorting in little code: the sorts of the standard library are 2 to 5 kB of WebAssembly for each type.

/// Sorts a short list by insertion. What is equal keeps its order.
pub fn sort_short<T>(list: &mut [T], is_before: impl Fn(&T, &T) -> bool) {
    for end in 1..list.len() {
        let mut at = end;
        while let Some([one, next]) = list.get_mut(at.wrapping_sub(1)..=at) {
            if !is_before(next, one) {
                break;
            }
            core::mem::swap(one, next);
            at -= 1;
        }
    }
}

/// Sorts a list of any length by a heap. What is equal does not keep its order.
pub fn sort_long<T>(list: &mut [T], is_before: impl Fn(&T, &T) -> bool) {
    let sink = |list: &mut [T], mut at: usize| {
        loop {
            let first = 2 * at + 1;
            let Some(child) = list.get(first) else { return };
            let later =
                if list.get(first + 1).is_some_and(|other| is_before(child, other)) { first + 1 } else { first };
            match (list.get(at), list.get(later)) {
                (Some(parent), Some(child)) if is_before(parent, child) => list.swap(at, later),
                _ => return,
            }
            at = later;
        }
    };
    for at in (0..list.len() / 2).rev() {
        sink(list, at);
    }
    for end in (1..list.len()).rev() {
        list.swap(0, end);
        sink(list.split_at_mut(end).0, 0);
    }
}

#[cfg(test)]
mod tests {
    extern crate alloc;

    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn both_sort_as_the_standard_library() {
        let mut state = 7_u32;
        for len in 0..70 {
            let drawn = core::iter::repeat_with(|| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 16) % 20
            });
            let list: Vec<(u32, usize)> = drawn.take(len).zip(0..).collect();
            let mut wanted = list.clone();
            wanted.sort_by_key(|(key, _)| *key);
            let mut short = list.clone();
            sort_short(&mut short, |one, next| one.0 < next.0);
            assert_eq!(short, wanted, "equal ones keep their order");
            let mut long = list;
            sort_long(&mut long, |one, next| one < next);
            assert_eq!(long, wanted);
        }
    }
}
