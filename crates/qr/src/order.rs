//! Order and bounds of numbers, in one place because each use of the library's own costs kilobytes of WebAssembly.

/// The indices of the keys, from the least key on.
pub(crate) fn ranked(keys: impl Iterator<Item = f32>) -> Vec<usize> {
    let mut order: Vec<(f32, usize)> = keys.zip(0..).collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    order.into_iter().map(|(_, index)| index).collect()
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
