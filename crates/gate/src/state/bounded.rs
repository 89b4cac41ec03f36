//! A bounded map.

use std::collections::{HashMap, VecDeque};

/// A map that evicts its oldest entry when it is full.
pub(super) struct Bounded<T> {
    map: HashMap<String, T>,
    order: VecDeque<String>,
    capacity: usize,
}

impl<T> Bounded<T> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { map: HashMap::new(), order: VecDeque::new(), capacity }
    }

    pub(super) fn get(&self, key: &str) -> Option<&T> {
        self.map.get(key)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut T> {
        self.map.get_mut(key)
    }

    pub(super) fn put(&mut self, key: String, value: T) {
        if self.map.insert(key.clone(), value).is_none() {
            self.order.push_back(key);
            if self.order.len() > self.capacity
                && let Some(oldest) = self.order.pop_front()
            {
                self.map.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_map_evicts_its_oldest_entry() {
        let mut map = Bounded::new(3);
        for n in 0..=3 {
            map.put(n.to_string(), n);
        }
        assert_eq!((map.map.len(), map.order.len()), (3, 3));
        assert!(map.get("0").is_none());
        assert_eq!((map.get("1"), map.get("3")), (Some(&1), Some(&3)));
    }
}
