//! The ciphers of backups. The algorithms are from crates; this file has the modes and formats in which apps use them.

use alloc::vec::Vec;

use crate::wipe::Zeroizing;
use aes::{
    Aes256,
    cipher::{BlockCipherEncrypt, BlockModeDecrypt, KeyInit, KeyIvInit, StreamCipher},
};
use ghash::{GHash, universal_hash::UniversalHash};
use hmac::{Hmac, Mac};
use md5::Md5;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::BackupError;

/// Bytes that are wiped on drop.
pub(crate) type Bytes = Zeroizing<Vec<u8>>;

/// Applies the key stream of AES-256 in counter mode (NIST SP 800-38A section 6.5): `counter` makes the block of a number, which begins
/// at `first`. One block at a time: four at once would be a second AES in the wasm.
pub(crate) fn ctr(cipher: &Aes256, counter: &dyn Fn(u32) -> [u8; 16], first: u32, bytes: &mut [u8]) {
    let mut number = first;
    for chunk in bytes.chunks_mut(16) {
        let mut block = aes::Block::from(counter(number));
        cipher.encrypt_block(&mut block);
        chunk.iter_mut().zip(block).for_each(|(byte, key)| *byte ^= key);
        number = number.wrapping_add(1);
    }
}

/// AES-256-GCM (NIST SP 800-38D) with a nonce of 96 bits.
struct Gcm<'n> {
    cipher: Aes256,
    nonce: &'n [u8; 12],
}

impl Gcm<'_> {
    /// The nonce and a big-endian counter. Number 1 hides the tag, the text begins at 2.
    fn apply(&self, first: u32, bytes: &mut [u8]) {
        let counter = |number: u32| {
            let mut block = [0; 16];
            block.iter_mut().zip(self.nonce.iter().chain(&number.to_be_bytes())).for_each(|(to, from)| *to = *from);
            block
        };
        ctr(&self.cipher, &counter, first, bytes);
    }

    fn tag(&self, aad: &[u8], sealed: &[u8]) -> [u8; 16] {
        let mut key = aes::Block::default();
        self.cipher.encrypt_block(&mut key);
        let mut hash = GHash::new(&key);
        hash.update_padded(aad);
        hash.update_padded(sealed);
        let bits = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or(0) << 3;
        hash.update_padded(&(u128::from(bits(aad)) << 64 | u128::from(bits(sealed))).to_be_bytes());
        let mut tag: [u8; 16] = hash.finalize().into();
        self.apply(1, &mut tag);
        tag
    }
}

/// Decrypts AES-256-GCM with the tag after the ciphertext. A failed tag is reported as a wrong
/// password, because a changed file cannot be distinguished from it.
#[inline(never)]
pub(crate) fn gcm(key: &[u8], nonce: &[u8], sealed: &[u8], aad: &[u8]) -> Result<Bytes, BackupError> {
    let cipher = Aes256::new_from_slice(key).map_err(|_| BackupError::Damaged)?;
    let gcm = Gcm { cipher, nonce: nonce.try_into().map_err(|_| BackupError::Damaged)? };
    let (text, tag) = sealed.split_last_chunk::<16>().ok_or(BackupError::Damaged)?;
    if !same(&gcm.tag(aad, text), tag) {
        return Err(BackupError::WrongPassword);
    }
    let mut plain = Zeroizing::new(text.to_vec());
    gcm.apply(2, &mut plain);
    Ok(plain)
}

/// Encrypts by AES-256-GCM; the tag follows the ciphertext.
pub(crate) fn gcm_seal(key: &[u8; 32], nonce: &[u8; 12], plain: &[u8]) -> Vec<u8> {
    let gcm = Gcm { cipher: Aes256::new(key.into()), nonce };
    // One allocation, so that no copy of the plain text stays behind.
    let mut sealed = Vec::with_capacity(plain.len() + 16);
    sealed.extend_from_slice(plain);
    gcm.apply(2, &mut sealed);
    let tag = gcm.tag(b"", &sealed);
    sealed.extend_from_slice(&tag);
    sealed
}

/// Decrypts AES-256-CBC with PKCS#7 padding (RFC 5652 section 6.3). There is no tag: a wrong password usually gives
/// wrong padding, but not always, so the caller must check the plaintext.
#[inline(never)]
pub(crate) fn cbc(key: &[u8], iv: &[u8], sealed: &[u8]) -> Result<Bytes, BackupError> {
    let mut cipher = cbc::Decryptor::<Aes256>::new_from_slices(key, iv).map_err(|_| BackupError::Damaged)?;
    let mut plain = Zeroizing::new(sealed.to_vec());
    let (blocks, rest) = plain.as_chunks_mut::<16>();
    if blocks.is_empty() || !rest.is_empty() {
        return Err(BackupError::Damaged);
    }
    for block in blocks {
        let mut one = aes::Block::from(*block);
        cipher.decrypt_block(&mut one);
        *block = one.into();
    }
    let pad = usize::from(plain.last().copied().unwrap_or(0));
    let text = plain.len().checked_sub(pad).filter(|_| (1..=16).contains(&pad)).ok_or(BackupError::WrongPassword)?;
    if plain.get(text..).unwrap_or_default().iter().any(|byte| usize::from(*byte) != pad) {
        return Err(BackupError::WrongPassword);
    }
    plain.truncate(text);
    Ok(plain)
}

#[inline(never)]
pub(crate) fn sha256(parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize().into())
}

#[inline(never)]
pub(crate) fn sha512(parts: &[&[u8]]) -> Zeroizing<[u8; 64]> {
    Zeroizing::new(parts.iter().fold(sha2::Sha512::new(), |hash, part| hash.chain_update(part)).finalize().into())
}

/// HMAC-SHA-256 of the concatenated parts.
#[inline(never)]
pub(crate) fn hmac256(key: &[u8], parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    // HMAC accepts keys of any length, so this never fails.
    let mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key);
    mac.map_or_else(
        |_| Zeroizing::default(),
        |mac| Zeroizing::new(parts.iter().fold(mac, |mac, part| mac.chain_update(part)).finalize().into_bytes().into()),
    )
}

/// Compares `tag` with the HMAC-SHA-1 of `text`, truncated to the length of `tag`.
pub(crate) fn hmac1_matches(key: &[u8], text: &[u8], tag: &[u8]) -> bool {
    let mac = <Hmac<sha1::Sha1> as hmac::KeyInit>::new_from_slice(key);
    mac.is_ok_and(|mac| same(mac.chain_update(text).finalize().into_bytes().get(..tag.len()).unwrap_or_default(), tag))
}

/// Compares in time that depends on the length alone.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

/// OpenSSL's EVP_BytesToKey with MD5 and one round, as CryptoJS uses it: 32 bytes of key, 16 of IV.
#[inline(never)]
pub(crate) fn evp(passphrase: &[u8], salt: &[u8]) -> Zeroizing<[u8; 48]> {
    let mut out = Zeroizing::new([0; 48]);
    let mut last: Vec<u8> = Vec::new();
    for place in out.as_chunks_mut::<16>().0 {
        let hash = Md5::new().chain_update(&last).chain_update(passphrase).chain_update(salt).finalize();
        *place = hash.into();
        last = hash.to_vec();
    }
    out
}

/// ChaCha20 (RFC 8439 section 2.4), in place.
#[inline(never)]
pub(crate) fn chacha20(key: &[u8], nonce: &[u8], bytes: &mut [u8]) -> Result<(), BackupError> {
    let cipher = chacha20::ChaCha20::new_from_slices(key, nonce);
    cipher.map_err(|_| BackupError::Damaged)?.apply_keystream(bytes);
    Ok(())
}

/// Decrypts one message of libsodium's `crypto_secretstream_xchacha20poly1305`. The message tag is not checked, because
/// Ente has written both 0 and 3.
pub(crate) fn secretstream(key: &[u8; 32], header: &[u8], sealed: &[u8]) -> Result<Bytes, BackupError> {
    use aes::cipher::StreamCipherSeek;
    use poly1305::Poly1305;
    let (input, nonce) = header.split_first_chunk::<16>().ok_or(BackupError::Damaged)?;
    let (tagged, mac) = sealed.split_last_chunk::<16>().ok_or(BackupError::Damaged)?;
    let (tag, text) = tagged.split_first().ok_or(BackupError::Damaged)?;
    let subkey = Zeroizing::new(<[u8; 32]>::from(chacha20::hchacha::<chacha20::R20>(key.into(), input.into())));
    // Nonce: the message counter, which starts at 1, little-endian, then the header's last eight bytes.
    let mut full = [0; 12];
    full.iter_mut().zip([1, 0, 0, 0].iter().chain(nonce)).for_each(|(to, from)| *to = *from);
    let stream = |block: u32, bytes: &mut [u8]| -> Result<(), BackupError> {
        let mut cipher =
            chacha20::ChaCha20::new_from_slices(subkey.as_slice(), &full).map_err(|_| BackupError::Damaged)?;
        cipher.try_seek(u64::from(block) * 64).map_err(|_| BackupError::Damaged)?;
        cipher.apply_keystream(bytes);
        Ok(())
    };
    let mut mac_key = Zeroizing::new([0; 32]);
    stream(0, mac_key.as_mut_slice())?;
    let mut block = Zeroizing::new([0; 64]);
    if let Some(first) = block.first_mut() {
        *first = *tag;
    }
    stream(1, block.as_mut_slice())?;
    // The MAC covers the encrypted tag byte, in a block of its own.
    if let Some(first) = block.first_mut() {
        *first = *tag;
    }
    let mut poly = Poly1305::new((&*mac_key).into());
    poly.update_padded(block.as_slice());
    // libsodium pads by as many zeros as the last block has bytes, not as many as it lacks, then appends the two
    // lengths. The end of the message is therefore not aligned to a block.
    let whole = text.len() / 16 * 16;
    let (blocks, rest) = text.split_at_checked(whole).ok_or(BackupError::Damaged)?;
    poly.update_padded(blocks);
    let mut end = rest.to_vec();
    end.resize(rest.len() * 2, 0);
    end.extend_from_slice(&0_u64.to_le_bytes());
    end.extend_from_slice(&u64::try_from(text.len() + 64).unwrap_or(0).to_le_bytes());
    if !same(poly.compute_unpadded(&end).as_slice(), mac) {
        return Err(BackupError::WrongPassword);
    }
    let mut plain = Zeroizing::new(text.to_vec());
    stream(2, &mut plain)?;
    Ok(plain)
}
