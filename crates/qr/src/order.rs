//! Order and bounds of numbers, in one place because each use of the library's own costs kilobytes of WebAssembly.

/// The indices of the keys, from the least key on.
pub(crate) fn ranked(keys: impl Iterator<Item = f32>) -> Vec<usize> {
    sorted(keys.zip(0..).collect()).into_iter().map(|(_, index)| index).collect()
}

/// Shell sort: a tenth of the size of the library's, and the lists are short.
#[inline(never)]
fn sorted(mut list: Vec<(f32, usize)>) -> Vec<(f32, usize)> {
    for gap in [2_861, 1_182, 516, 223, 99, 43, 19, 8, 3, 1] {
        for end in gap..list.len() {
            let mut at = end;
            while at >= gap && list[at].0.total_cmp(&list[at - gap].0).then(list[at].1.cmp(&list[at - gap].1)).is_lt() {
                list.swap(at, at - gap);
                at -= gap;
            }
        }
    }
    list
}

/// The value moved between its bounds; the lower one when it is not a number. (`clamp` would bring in the formatting of
/// numbers, for its panic.)
pub(crate) fn within(value: f32, low: f32, high: f32) -> f32 {
    value.max(low).min(high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_the_least_on() {
        assert_eq!(ranked([3.0, 1.0, f32::NAN, -2.0, 1.0].into_iter()), [3, 1, 4, 0, 2]);
    }

    #[test]
    fn never_outside() {
        assert_eq!(within(f32::NAN, 0.0, 9.0), 0.0);
        assert_eq!(within(f32::INFINITY, 0.0, 9.0), 9.0);
        assert_eq!(within(4.0, 0.0, 9.0), 4.0);
    }
}
