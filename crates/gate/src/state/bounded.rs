//! A map bounded by what it holds in bytes.

use std::{cell::Cell, collections::HashMap};

/// What an entry takes beside its text: its place in the map, its strings and lists, short names.
const ENTRY_BYTES: usize = 512;

/// A map that forgets what was not used for longest when its keys and values hold more bytes than it may.
pub(super) struct Bounded<T> {
    map: HashMap<String, Entry<T>>,
    bytes: usize,
    capacity: usize,
    clock: Cell<u64>,
}

struct Entry<T> {
    value: T,
    bytes: usize,
    used: Cell<u64>,
}

impl<T> Bounded<T> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { map: HashMap::new(), bytes: 0, capacity, clock: Cell::new(0) }
    }

    fn now(&self) -> u64 {
        let now = self.clock.get() + 1;
        self.clock.set(now);
        now
    }

    /// What it holds, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Looks an entry up, which counts as use.
    pub(super) fn get(&self, key: &str) -> Option<&T> {
        let entry = self.map.get(key)?;
        entry.used.set(self.now());
        Some(&entry.value)
    }

    /// Takes an entry out, to change it and [`put`](Self::put) it back.
    pub(super) fn take(&mut self, key: &str) -> Option<T> {
        let entry = self.map.remove(key)?;
        self.bytes -= entry.bytes;
        Some(entry.value)
    }

    /// Inserts a value that holds so many bytes beside its key. What would fill more than half of the map is not kept.
    pub(super) fn put(&mut self, key: String, value: T, bytes: usize) {
        self.take(&key);
        let bytes = ENTRY_BYTES + key.len() + bytes;
        if bytes > self.capacity / 2 {
            return;
        }
        let used = Cell::new(self.now());
        self.map.insert(key, Entry { value, bytes, used });
        self.bytes += bytes;
        if self.bytes > self.capacity {
            self.make_room();
        }
    }

    /// Forgets an eighth at once, so that a full map is not searched at every insert: the older eighth of all times of use,
    /// again and again until there is room. Each turn forgets the oldest entry at least.
    fn make_room(&mut self) {
        while self.bytes > self.capacity / 8 * 7 {
            let oldest = self.map.values().map(|entry| entry.used.get()).min().unwrap_or_default();
            let bound = oldest + (self.clock.get() - oldest) / 8;
            let bytes = &mut self.bytes;
            self.map.retain(|_, entry| {
                let stays = entry.used.get() > bound;
                if !stays {
                    *bytes -= entry.bytes;
                }
                stays
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(map: &Bounded<usize>) -> Vec<&str> {
        let mut keys: Vec<_> = map.map.keys().map(String::as_str).collect();
        keys.sort_unstable();
        keys
    }

    #[test]
    fn a_full_map_forgets_what_was_not_used_for_longest() {
        let each = ENTRY_BYTES + 1 + 99;
        let mut map = Bounded::new(each * 8);
        for n in 0..8 {
            map.put(n.to_string(), n, 99);
        }
        assert_eq!((map.bytes(), map.map.len()), (each * 8, 8));
        assert_eq!(map.get("0"), Some(&0));
        map.put("8".into(), 8, 99);
        assert_eq!(keys(&map), ["0", "3", "4", "5", "6", "7", "8"]);
        assert_eq!(map.bytes(), each * 7);
    }

    /// The first entry alone makes room when it goes, and the rest of the older eighth goes with it.
    #[test]
    fn a_full_map_forgets_the_older_eighth_at_once() {
        let each = ENTRY_BYTES + 2 + 98;
        let mut map = Bounded::new(each * 75);
        let name = |n: usize| format!("{n:02}");
        for n in 0..64 {
            map.put(name(n), n, if n == 0 { 98 + 11 * each } else { 98 });
        }
        for n in 0..64 {
            assert_eq!(map.get(&name(n)), Some(&n));
        }
        map.put(name(64), 64, 98);
        let want: Vec<_> = (9..=64).map(name).collect();
        assert_eq!(keys(&map), want);
    }

    #[test]
    fn an_entry_is_counted_once_and_not_after_it_is_gone() {
        let mut map = Bounded::new(100_000);
        map.put("a".into(), 1, 10_000);
        map.put("a".into(), 2, 5_000);
        assert_eq!((map.get("a"), map.bytes()), (Some(&2), ENTRY_BYTES + 5_001));
        assert_eq!((map.take("a"), map.bytes(), map.take("a")), (Some(2), 0, None));
    }

    #[test]
    fn what_would_push_out_many_is_not_kept() {
        let mut map = Bounded::new(20_000);
        map.put("small".into(), 1, 100);
        map.put("half".into(), 1, 10_000 - ENTRY_BYTES - 4);
        map.put("large".into(), 1, 10_000 - ENTRY_BYTES - 4);
        assert_eq!(keys(&map), ["half", "small"]);
    }

    #[test]
    fn it_never_holds_more_than_it_may() {
        let mut map = Bounded::new(50_000);
        for n in 0..2_000_usize {
            map.put(format!("{n}"), n, n % 5_000);
            assert!(map.bytes() <= 50_000);
            assert_eq!(map.bytes(), map.map.values().map(|entry| entry.bytes).sum::<usize>());
        }
        assert!(map.bytes() > 25_000);
    }
}
