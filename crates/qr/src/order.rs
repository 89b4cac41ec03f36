//! Sorting and clamping, here because each use of the standard library's costs kilobytes of WebAssembly.

/// The indices of the keys in ascending order of the keys. Equal keys keep their order.
pub(crate) fn ranked(keys: impl Iterator<Item = f32>) -> Vec<usize> {
    sorted(keys.zip(0..).collect()).into_iter().map(|(_, index)| index).collect()
}

/// Shell sort: a tenth of the size of the standard library's sort, and fast enough for short lists.
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

/// Clamps a value; NaN gives `low`. The standard `clamp` can panic, which would link in the formatting of floats.
pub(crate) fn within(value: f32, low: f32, high: f32) -> f32 {
    value.max(low).min(high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranked_is_ascending_and_stable() {
        assert_eq!(ranked([3.0, 1.0, f32::NAN, -2.0, 1.0].into_iter()), [3, 1, 4, 0, 2]);
    }

    #[test]
    fn within_clamps_nan_and_infinity() {
        assert_eq!(within(f32::NAN, 0.0, 9.0), 0.0);
        assert_eq!(within(f32::INFINITY, 0.0, 9.0), 9.0);
        assert_eq!(within(4.0, 0.0, 9.0), 4.0);
    }
}
