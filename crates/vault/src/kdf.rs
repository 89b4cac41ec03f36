use argon2::{Algorithm, Argon2, Params, Version};
use base::Secret;
use zeroize::Zeroizing;

pub use crate::cost::{Cost, KdfParams, MaxCost};
use crate::{SlotKey, VaultError};

/// The key of a passphrase slot. `passphrase` is UTF-8 in Unicode form NFKC, which the caller sees to.
///
/// # Errors
/// Those of [`Cost::check`], before any memory is taken; `KdfTooCostly` also when this device has not that much memory.
pub fn stretch(passphrase: &Secret, params: &KdfParams, max: MaxCost) -> Result<SlotKey, VaultError> {
    params.cost.check(max)?;
    argon2id(passphrase, params.cost, &params.salt).map(|key| SlotKey::new(&key))
}

fn argon2id(passphrase: &Secret, cost: Cost, salt: &[u8; 16]) -> Result<Zeroizing<[u8; 32]>, VaultError> {
    let params = Params::new(cost.memory_kib, cost.passes, 1, Some(32)).map_err(|_| VaultError::KdfTooCostly)?;
    let mut blocks = Vec::new();
    // Argon2 itself would abort when there is not enough memory; a person with an old telephone deserves a sentence.
    blocks.try_reserve_exact(params.block_count()).map_err(|_| VaultError::KdfTooCostly)?;
    blocks.resize(params.block_count(), argon2::Block::default());
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        // EXPOSE: the passphrase is what the key is made from.
        .hash_password_into_with_memory(passphrase.expose(), salt, key.as_mut_slice(), &mut blocks)
        .map_err(|_| VaultError::KdfTooCostly)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretch_refuses_before_it_takes_memory() {
        let params = KdfParams { cost: Cost { memory_kib: u32::MAX, passes: u32::MAX }, salt: [0; 16] };
        assert_eq!(
            stretch(&Secret::from(&b"x"[..]), &params, MaxCost::default()).err(),
            Some(VaultError::KdfTooCostly)
        );
    }
}
