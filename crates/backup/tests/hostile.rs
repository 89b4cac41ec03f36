//! Malicious files: each gets a specific error before it costs memory or time.
#![allow(clippy::unwrap_used, clippy::panic, clippy::as_conversions, reason = "a test may panic")]

use std::fmt::Write;

use backup::{BackupError, Detected, Files, Kdf, MaxCost, detect};
use base::Secret;

fn refused(bytes: &[u8]) -> BackupError {
    match detect(Files { bytes, beside: &[] }) {
        Detected::Refused(why) => why,
        Detected::Plain(backup) => panic!("{} opened it", backup.app.title),
        Detected::Locked(locked) => panic!("{} asks for a password", locked.app.title),
    }
}

fn unlocked(bytes: &[u8], max: MaxCost) -> BackupError {
    let Detected::Locked(locked) = detect(Files { bytes, beside: &[] }) else { panic!("it is not locked") };
    locked.unlock(&Secret::from(&b"x"[..]), max).err().unwrap()
}

fn aegis(n: u64, r: u64, p: u64) -> Vec<u8> {
    let params = r#"{"nonce":"000000000000000000000000","tag":"00000000000000000000000000000000"}"#;
    let slot = format!(
        r#"{{"type":1,"uuid":"","key":"{}","key_params":{params},"n":{n},"r":{r},"p":{p},"salt":"{0}"}}"#,
        "00".repeat(32)
    );
    format!(r#"{{"version":1,"header":{{"slots":[{slot}],"params":{params}}},"db":"AAAA"}}"#).into_bytes()
}

fn ente(memory: u64, passes: u64) -> Vec<u8> {
    format!(
        r#"{{"version":1,"kdfParams":{{"memLimit":{memory},"opsLimit":{passes},"salt":"AAAAAAAAAAAAAAAAAAAAAA=="}},"encryptedData":"AAAA","encryptionNonce":"AAAA"}}"#
    )
    .into_bytes()
}

fn bitwarden(kdf: &str) -> Vec<u8> {
    format!(r#"{{"encrypted":true,"passwordProtected":true,"salt":"AA==",{kdf},"data":"2.AA==|AA==|AA=="}}"#)
        .into_bytes()
}

#[test]
fn a_sample_of_a_key_derivation_costs_little_and_says_how_many_there_are() {
    let kdfs = [
        (Kdf::Hash, 1),
        (Kdf::Pbkdf2 { rounds: 600_000 }, 60),
        (Kdf::Pbkdf2 { rounds: 1 }, 1),
        (Kdf::AesKdf { rounds: 6_000_000 }, 60),
        (Kdf::AesKdf { rounds: 0 }, 0),
        (Kdf::Scrypt { n: 1 << 15, r: 8, p: 1 }, 4),
        (Kdf::Scrypt { n: 1 << 17, r: 8, p: 2 }, 32),
        (Kdf::Scrypt { n: 2, r: 1, p: 1 }, 1),
        (Kdf::Argon2 { memory_kib: 1 << 20, passes: 4, lanes: 1 }, 512),
        (Kdf::Argon2 { memory_kib: 64, passes: 3, lanes: 4 }, 3),
    ];
    for (kdf, parts) in kdfs {
        assert_eq!(kdf.sample(MaxCost::HIGHEST), Ok(parts), "{kdf:?}");
    }
    let dear = Kdf::Argon2 { memory_kib: 2 << 20, passes: 1, lanes: 1 };
    assert_eq!(dear.sample(MaxCost::HIGHEST), Err(BackupError::KdfTooCostly));
    let large = Kdf::Argon2 { memory_kib: 1 << 20, passes: 1, lanes: 1 };
    assert_eq!(large.sample(MaxCost { memory_kib: 1 << 16 }), Err(BackupError::NoMemory));
}

#[test]
fn a_key_derivation_is_held_to_bounds_before_it_runs() {
    let cases = [
        (aegis(1 << 18, 8, 1), BackupError::KdfTooCostly),
        (aegis(1 << 15, 8, 5), BackupError::KdfTooCostly),
        (aegis(u64::from(u32::MAX), 8, 1), BackupError::KdfTooCostly),
        (aegis(3, 8, 1), BackupError::Damaged),
        (aegis(0, 0, 0), BackupError::Damaged),
        (ente((1 << 30) + (1 << 20), 1), BackupError::KdfTooCostly),
        (ente(1 << 30, 17), BackupError::KdfTooCostly),
        (ente(1 << 30, 0), BackupError::Damaged),
        (bitwarden(r#""kdfType":0,"kdfIterations":10000001"#), BackupError::KdfTooCostly),
        (bitwarden(r#""kdfType":0,"kdfIterations":0"#), BackupError::Damaged),
        (bitwarden(r#""kdfType":1,"kdfIterations":3,"kdfMemory":64,"kdfParallelism":17"#), BackupError::KdfTooCostly),
        (
            bitwarden(r#""kdfType":1,"kdfIterations":9223372036854775807,"kdfMemory":9223372036854775807"#),
            BackupError::KdfTooCostly,
        ),
    ];
    for (at, (file, why)) in cases.into_iter().enumerate() {
        assert_eq!(unlocked(&file, MaxCost::HIGHEST), why, "case {at}");
    }
    // Too much for this device is another error than too much for any app.
    assert_eq!(unlocked(&ente(1 << 30, 4), MaxCost { memory_kib: 96 * 1024 }), BackupError::NoMemory);
    assert_eq!(Kdf::AesKdf { rounds: 100_000_001 }.check(MaxCost::HIGHEST), Err(BackupError::KdfTooCostly));
}

#[test]
fn deep_nesting_and_too_many_entries_are_refused() {
    assert_eq!(refused("[".repeat(100_000).as_bytes()), BackupError::Hostile);
    assert_eq!(refused(format!("{}1{}", "{\"a\":".repeat(65), "}".repeat(65)).as_bytes()), BackupError::Hostile);
    assert_eq!(refused(format!("<map>{}</map>", "<a>".repeat(100)).as_bytes()), BackupError::Hostile);
    assert_eq!(refused(format!("[{}0]", "0,".repeat(1_100_000)).as_bytes()), BackupError::TooLarge);
    let many = "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP\n".repeat(10_001);
    assert_eq!(refused(many.as_bytes()), BackupError::TooLarge);
    assert_eq!(refused(&vec![b'x'; (64 << 20) + 1]), BackupError::TooLarge);
    // Ten thousand entries are accepted, and fast.
    let most = "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP\n".repeat(10_000);
    let Detected::Plain(backup) = detect(Files { bytes: most.as_bytes(), beside: &[] }) else { panic!("refused") };
    assert_eq!((backup.entries.len(), backup.entries.last().unwrap().duplicate_of), (10_000, Some(0)));
}

/// A zip with one entry, whose header fields are given.
fn zip(name: &str, method: u16, packed: &[u8], flags: u16) -> Vec<u8> {
    let mut out = Vec::new();
    let (name_len, len) = ((name.len() as u16).to_le_bytes(), (packed.len() as u32).to_le_bytes());
    let head = |out: &mut Vec<u8>, mark: &[u8], more: &[u8]| {
        out.extend_from_slice(mark);
        out.extend_from_slice(more);
        out.extend_from_slice(&flags.to_le_bytes());
        out.extend_from_slice(&method.to_le_bytes());
        out.extend_from_slice(&[0; 8]);
        out.extend_from_slice(&len);
        out.extend_from_slice(&len);
        out.extend_from_slice(&name_len);
        out.extend_from_slice(&[0; 2]);
    };
    head(&mut out, b"PK\x03\x04", &[20, 0]);
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(packed);
    let start = out.len() as u32;
    head(&mut out, b"PK\x01\x02", &[20, 0, 20, 0]);
    out.extend_from_slice(&[0; 14]);
    out.extend_from_slice(name.as_bytes());
    let size = out.len() as u32 - start;
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    out.extend_from_slice(&size.to_le_bytes());
    out.extend_from_slice(&start.to_le_bytes());
    out.extend_from_slice(&[0; 2]);
    out
}

#[test]
fn decompression_bombs_are_refused() {
    // 80 MiB of zeros in less than 100 kB.
    let bomb = miniz_oxide::deflate::compress_to_vec(&vec![0; 80 << 20], 9);
    assert!(bomb.len() < 100_000);
    assert_eq!(refused(&zip("export.data", 8, &bomb, 0)), BackupError::Hostile);
    let mut gz = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0];
    gz.extend_from_slice(&bomb);
    assert_eq!(refused(&gz), BackupError::Hostile);
    // Nested zips stop at a fixed depth.
    let inner = zip("a.json", 0, b"{}", 0);
    assert!(matches!(
        refused(&zip("a.bin", 0, &zip("a.bin", 0, &zip("a.bin", 0, &inner, 0), 0), 0)),
        BackupError::Hostile | BackupError::Damaged
    ));
    // An attachment is never decompressed.
    assert_eq!(refused(&zip("files/a.json", 8, &bomb, 0)), BackupError::Unknown);
    assert_eq!(refused(b"PK\x03\x04 and no directory"), BackupError::Damaged);
    assert_eq!(refused(&zip("a.json", 99, b"{}", 0)), BackupError::Archive);
    // Marked as encrypted, but shorter than the encryption header.
    assert_eq!(unlocked(&zip("a.txt", 0, b"short", 1), MaxCost::HIGHEST), BackupError::WrongPassword);
}

#[test]
fn unsupported_files_get_their_own_errors() {
    let kdbx3 = [0x03, 0xd9, 0xa2, 0x9a, 0x67, 0xfb, 0x4b, 0xb5, 1, 0, 3, 0, 0, 0];
    let kdb1 = [0x03, 0xd9, 0xa2, 0x9a, 0x65, 0xfb, 0x4b, 0xb5, 1, 0, 3, 0, 0, 0];
    let kdbx5 = [0x03, 0xd9, 0xa2, 0x9a, 0x67, 0xfb, 0x4b, 0xb5, 0, 0, 5, 0, 0, 0];
    let rows: [(&[u8], BackupError); 19] = [
        (b"", BackupError::Empty),
        (b" \r\n\t", BackupError::Empty),
        (b"hello", BackupError::Unknown),
        (b"{}", BackupError::Unknown),
        (b"[]", BackupError::Unknown),
        (b"<html><body>hello</body></html>", BackupError::Unknown),
        (&kdbx3, BackupError::OldKdbx),
        (&kdb1, BackupError::OldKdbx),
        (&kdbx5, BackupError::TooNew),
        (b"SQLite format 3\0 and pages", BackupError::Database),
        (b"<map><string name=\"x\">y</string></map>", BackupError::Database),
        (b"PTCVAULT\x01", BackupError::IsVault),
        (b"\x89PNG\r\n\x1a\n", BackupError::IsPicture),
        (br#"{"encrypted":true,"encKeyValidation_DO_NOT_EDIT":"2.x","items":[]}"#, BackupError::BitwardenAccount),
        (br#"{"version":0,"hpke":{},"payload":"x"}"#, BackupError::Cxp),
        (b"v1:AAAA:BBBB", BackupError::ServerKey),
        (br#"{"encrypted":true,"entries":[{"encryption_iv":"","encryption_salt":"","filename":"1.maFile","steamid":1}]}"#, BackupError::SteamFiles),
        (br#"{"x":{"dataType":"EncOTPStorage","data":"y","keyId":"z"}}"#, BackupError::ExtensionKey),
        (b"name,url,username,password\nExample,https://example.org,ann,x\n", BackupError::NoCodeColumn),
    ];
    for (file, why) in rows {
        assert_eq!(refused(file), why, "{}", String::from_utf8_lossy(file));
    }
    assert_eq!(
        refused(br#"{"version":1,"header":{"slots":null,"params":null},"db":{"version":3,"entries":[]}}"#),
        BackupError::NoAccounts
    );
    assert_eq!(refused(br#"{"version":1,"header":{"slots":null},"db":{"version":9}}"#), BackupError::TooNew);
}

/// Each entry looks its groups up by id, which must stay fast with many groups.
#[test]
fn many_groups_are_read_quickly() {
    let mut file = String::from(r#"{"version":1,"header":{},"db":{"version":3,"groups":["#);
    for n in 0..2000 {
        write!(file, r#"{}{{"uuid":"{n}","name":"g{n}"}}"#, if n == 0 { "" } else { "," }).unwrap();
    }
    file.push_str(r#"],"entries":["#);
    for n in 0..2000 {
        let comma = if n == 0 { "" } else { "," };
        write!(file, r#"{comma}{{"type":"totp","info":{{"secret":"JBSWY3DPEHPK3PXP"}},"groups":["{n}"]}}"#).unwrap();
    }
    file.push_str("]}}");
    let Detected::Plain(backup) = detect(Files { bytes: file.as_bytes(), beside: &[] }) else { panic!("refused") };
    assert_eq!(backup.entries.last().unwrap().tags, ["g1999"]);
}
