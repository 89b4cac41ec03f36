//! A vault of either format, its checksum made right: it is refused or taken apart, and what opens is sealed and opened again.
#![no_main]

use base::{Context, UnixMs};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};
use vault::{Locked, SlotKey};

fuzz_target!(|bytes: &[u8]| {
    let _ = Locked::parse(bytes);
    let mut file = bytes.to_vec();
    file.extend(Sha256::digest(bytes));
    let Ok(locked) = Locked::parse(&file) else { return };
    // The device key of the vectors, which are the corpus.
    let key = SlotKey::new(&[0xD0; 32]);
    let Some(slot) = locked.slots().last().map(|slot| slot.id) else { return };
    let Ok(mut vault) = locked.unlock(slot, &key) else { return };
    let mut context = Context::new(UnixMs::from_secs(1), [1; 32]);
    let sealed = vault.seal(&mut context).expect("what was read can be sealed");
    let again = vault.reopen(&Locked::parse(&sealed).expect("and read")).expect("and opened");
    assert_eq!(again.entries().len(), vault.entries().len());
});
