//! The same formats in the forms that other versions of the apps, other programs and people's editors write. All have the key of RFC 4226
//! and RFC 6238, whose tables give the codes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use backup::{Backup, BackupError, Detected, Files, MaxCost, detect};
use base::{Secret, UnixMs};

const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn open(text: &str) -> Backup {
    match detect(Files { bytes: text.replace("SECRET", SECRET).as_bytes(), beside: &[] }) {
        Detected::Plain(backup) => backup,
        Detected::Refused(why) => panic!("{why:?}: {text}"),
        Detected::Locked(locked) => panic!("{} asks for a password: {text}", locked.app.title),
    }
}

/// App, issuer, name, code, tags of each entry; then the codes of what was refused.
fn read(text: &str) -> Vec<String> {
    let backup = open(text);
    let entries = backup.entries.iter().map(|entry| {
        let account = &entry.account;
        let code = account.code_at(UnixMs::from_secs(59)).unwrap();
        let mut row = [backup.app.id, &account.issuer, &account.name, code.as_str()].join("|");
        for tag in &entry.tags {
            row.push('|');
            row.push_str(tag);
        }
        for (mark, is) in [("+pinned", entry.pinned), ("+bin", entry.trashed)] {
            row.push_str(if is { mark } else { "" });
        }
        row
    });
    entries.chain(backup.refused.iter().map(|refused| refused.why.code().to_owned())).collect()
}

#[test]
fn other_versions_of_the_apps() {
    let rows: &[(&str, &[&str])] = &[
        // Aegis: database of version 1, a group by its name.
        (
            r#"{"version":1,"header":{"slots":null,"params":null},"db":{"version":1,"entries":[{"type":"totp","uuid":"u","name":"ann","issuer":"Ex","group":"Work","icon":null,"info":{"secret":"SECRET","algo":"SHA1","digits":6,"period":30}}]}}"#,
            &["aegis|Ex|ann|287082|Work"],
        ),
        // Version 2; no group, no icon, no note; numbers as texts, the kind in capitals.
        (
            r#"{"version":1,"header":{},"db":{"version":2,"entries":[{"type":"TOTP","name":"ann","issuer":"Ex","favorite":true,"info":{"secret":"SECRET","algo":"sha1","digits":"8","period":"30"}}]}}"#,
            &["aegis|Ex|ann|94287082+pinned"],
        ),
        // Version 3, from a version of Aegis after today's: what is not known is passed over.
        (
            r#"{"version":1,"header":{},"db":{"version":4,"usage":{},"entries":[{"type":"hotp","name":"ann","issuer":"Ex","info":{"secret":"SECRET","algo":"SHA1","digits":6,"counter":7},"groups":["g","gone"]}],"groups":[{"uuid":"g","name":"G"}]}}"#,
            &["aegis|Ex|ann|162583|G"],
        ),
        // 2FAS, schema 1: an entry without the fields of later ones; schema 3: iOS.
        (
            r#"{"services":[{"name":"Ex","secret":"SECRET","updatedAt":1,"type":"Unknown","otp":{"account":"ann"},"order":{"position":0}}],"updatedAt":1,"schemaVersion":1}"#,
            &["2fas|Ex|ann|287082"],
        ),
        (r#"{"services":[{"name":"Ex","secret":"SECRET"}],"schemaVersion":1}"#, &["2fas|Ex||287082"]),
        (
            r#"{"appOrigin":"ios","groups":[{"id":"A","name":"G","isExpanded":true}],"services":[{"name":"Ex","secret":"SECRET","groupId":null,"otp":{"account":null,"digits":null,"period":null,"algorithm":null,"counter":null,"tokenType":null,"issuer":"Ex"}},{"name":"H","secret":"SECRET","groupId":"A","otp":{"tokenType":"HOTP","counter":"3"}},{"name":"S","secret":"SECRET","otp":{"algorithm":"SHA224"}}],"servicesEncrypted":null,"schemaVersion":3}"#,
            &["2fas|Ex||287082", "2fas|H||969429|G", "OTP_BAD_ALGORITHM"],
        ),
        // An organisation's export of Bitwarden, and one with an entry in the bin.
        (
            r#"{"encrypted":false,"collections":[{"id":"c","organizationId":"o","name":"Team","externalId":null}],"items":[{"name":"Ex","login":{"username":"ann","totp":"otpauth://totp/Ex:ann?secret=SECRET&issuer=Ex"},"collectionIds":["c"]},{"name":"Old","deletedDate":"2026-01-01T00:00:00.000Z","login":{"username":"ann","totp":"SECRET"}}]}"#,
            &["bitwarden|Ex|ann|287082|Team", "bitwarden|Old|ann|287082+bin"],
        ),
        // andOTP before it had issuers.
        (
            r#"[{"secret":"SECRET","label":"Ex - ann","digits":6,"type":"TOTP","period":30,"algorithm":"SHA1"}]"#,
            &["andotp|Ex|ann|287082"],
        ),
        (
            r#"[{"secret":"SECRET=","issuer":"","label":"Ex","digits":6,"type":"HOTP","counter":1,"algorithm":"SHA1","thumbnail":"Default","last_used":0,"used_frequency":0,"tags":["t"]}]"#,
            &["andotp||Ex|287082|t"],
        ),
        // FreeOTP+ without an order, with signed bytes, names of the person before those of the code; and FreeOTP's counter of the last code.
        (
            r#"{"tokens":[{"algo":"SHA1","counter":2,"digits":6,"issuerAlt":"Mine","issuerExt":"Ex","issuerInt":"Ex","label":"ann","period":30,"secret":[49,50,51,52,53,54,55,56,57,48,49,50,51,52,53,54,55,56,57,48],"type":"HOTP"}]}"#,
            &["freeotp-plus|Mine|ann|969429"],
        ),
        (
            r#"{"tokenOrder":["Ex:b","Ex:a"],"tokens":[{"algo":"SHA1","digits":6,"issuerExt":"Ex","label":"a","period":30,"secret":"SECRET","type":"TOTP"},{"algo":"SHA1","digits":8,"issuerExt":"Ex","label":"b","period":30,"secret":"SECRET","type":"TOTP"}]}"#,
            &["freeotp-plus|Ex|b|94287082", "freeotp-plus|Ex|a|287082"],
        ),
        // LastPass of iOS: version 1, a favourite by its folder.
        (
            r#"{"deviceId":"","version":1,"localDeviceId":"x","accounts":[{"issuerName":"","originalIssuerName":"Ex","userName":"","originalUserName":"ann","secret":"SECRET","timeStep":30,"digits":6,"algorithm":"SHA1","folderData":{"folderId":1,"position":0}}],"folders":[{"id":1,"name":"Favorites","isOpened":true}]}"#,
            &["lastpass|Ex|ann|287082+pinned"],
        ),
        // Proton with a steam address; Stratum with an entry of no kind that exists.
        (
            r#"{"version":1,"entries":[{"id":"1","content":{"uri":"steam://SECRET","entry_type":"Steam","name":"gabe"},"note":null},{"id":"2","content":{"uri":"otpauth://totp/ann?secret=SECRET&issuer=Ex&algorithm=SHA1&digits=6&period=30","entry_type":"Totp","name":"ann"},"note":"n"}]}"#,
            &["proton|Steam|gabe|PV9M4", "proton|Ex|ann|287082"],
        ),
        (
            r#"{"Authenticators":[{"Type":2,"Issuer":"Ex","Username":"ann","Secret":"SECRET","Digits":6,"Period":30,"Ranking":1},{"Type":9,"Issuer":"X","Secret":"SECRET"}],"Categories":null,"AuthenticatorCategories":null}"#,
            &["stratum|Ex|ann|287082", "OTP_UNKNOWN_KIND"],
        ),
        // Raivo: every value is a text.
        (
            r#"[{"pinned":"true","timer":"30","secret":"SECRET","counter":"5","digits":"6","issuer":"Ex","kind":"HOTP","algorithm":"SHA1","account":"ann"}]"#,
            &["raivo|Ex|ann|254676+pinned"],
        ),
        // 2FAuth's other export: an address with its names decoded.
        (
            r#"{"app":"2fauth_v5","data":[{"uri":"otpauth://totp/Ex & Co:ann #1?issuer=Ex & Co&secret=SECRET&digits=8"}]}"#,
            &["2fauth|Ex & Co|ann #1|94287082"],
        ),
    ];
    for (file, expect) in rows {
        assert_eq!(read(file), *expect, "{file}");
    }
}

#[test]
fn what_editors_and_people_make_of_a_file() {
    let list = "otpauth://totp/Ex:ann?secret=SECRET&issuer=Ex";
    let one = ["links|Ex|ann|287082"];
    for file in [
        format!("{list}\r\n"),
        format!("\u{feff}{list}"),
        format!("# my codes\r\n\r\n  {list}  \r\n; the end"),
        list.replace("otpauth://totp", "OTPAUTH://TOTP"),
        list.replace("secret", "Secret"),
        list.replace("SECRET", "gezd gnbv gy3t qojq gezd gnbv gy3t qojq".replace(' ', "%20").as_str()),
        list.replace("SECRET", "gezdgnbvgy3tqojqgezdgnbvgy3tqojq===="),
        format!("{list}&algorithm=HmacSHA1&digits=6&period=30&image=https%3A%2F%2Fexample.org%2Fx.svg"),
        format!("{list}&digits=&period="),
        list.replace("Ex:ann", "Ex%3Aann"),
        list.replace("Ex:ann", "Ex:%20ann"),
        list.replace("otpauth", "apple-otpauth"),
        format!("# one\r{list}\r"),
    ] {
        assert_eq!(read(&file), one, "{file}");
    }
    for (file, expect) in [
        ("otpauth://totp/Ex:ann?secret=SECRET&issuer=Ex&digits=7", "links|Ex|ann|4287082"),
        ("otpauth://hotp/Ex:ann?secret=SECRET&issuer=Ex&counter=4", "links|Ex|ann|338314"),
        ("otpauth://totp/Steam:gabe?secret=SECRET&issuer=Steam&digits=5&encoder=steam", "links|Steam|gabe|PV9M4"),
        ("steam://SECRET", "links|Steam||PV9M4"),
        ("Title;OTPAuth\r\nEx;SECRET\r\n", "csv|Ex||287082"),
        (
            "\"Title\"\t\"Username\"\t\"One-Time Password\"\r\n\"Ex\"\t\"ann\"\t\"gezd gnbv gy3t qojq gezd gnbv gy3t qojq\"",
            "csv|Ex|ann|287082",
        ),
        ("\u{feff}TITLE,USERNAME,TOTP\rEx,ann,SECRET\r", "csv|Ex|ann|287082"),
        (
            "name,url,username,password,otp\n\"E\"\"x, the first\",,ann,\"p\nw\",SECRET\n",
            "csv|E\"x, the first|ann|287082",
        ),
        (
            "\u{feff}\r\n {\"services\" : [ {\"name\":\"E\\u0078\",\"secret\":\"SECRET\",\"otp\":{\"account\":\"ann\",\"digits\":6.0,\"period\":3e1}} ],\r\n\"schemaVersion\":4}\r\n",
            "2fas|Ex|ann|287082",
        ),
    ] {
        assert_eq!(read(file), [expect], "{file}");
    }
}

#[test]
fn an_original_is_kept_whole_or_without_its_picture() {
    let entry = |icon: usize| {
        format!(
            r#"{{"version":1,"header":{{}},"db":{{"version":3,"entries":[{{"type":"quantum","name":"ann","issuer":"Ex","icon":"{}","info":{{"secret":"SECRET"}}}}]}}}}"#,
            "A".repeat(icon)
        )
    };
    let source = |icon: usize| open(&entry(icon)).refused.remove(0).source.unwrap();
    // EXPOSE: an invented secret.
    let (small, large) = (source(10_000), source(100_000));
    assert!(small.expose().contains(&"A".repeat(10_000)) && small.expose().contains(SECRET));
    assert_eq!(
        large.expose(),
        format!(r#"{{"type":"quantum","name":"ann","issuer":"Ex","info":{{"secret":"{SECRET}"}}}}"#)
    );
}

#[test]
fn what_is_not_read_is_named() {
    let kdbx = |cipher: &str, kdf: &str, version: bool| {
        let hex = |text: &str| -> Vec<u8> {
            text.as_bytes()
                .chunks(2)
                .map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap())
                .collect()
        };
        let mut file = hex("03d9a29a67fb4bb501000400");
        let mut field = |id: u8, value: &[u8]| {
            file.push(id);
            file.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
            file.extend(value);
        };
        field(2, &hex(cipher));
        let mut words = vec![0, 1, 0x42];
        words.extend(5_u32.to_le_bytes());
        words.extend(b"$UUID");
        words.extend(16_u32.to_le_bytes());
        words.extend(hex(kdf));
        if version {
            words.push(4);
            words.extend(1_u32.to_le_bytes());
            words.extend(b"V");
            words.extend(4_u32.to_le_bytes());
            words.extend(0x13_u32.to_le_bytes());
        }
        words.push(0);
        field(11, &words);
        field(0, b"\r\n\r\n");
        file
    };
    let (aes, twofish) = ("31c1f2e6bf714350be5805216afc5aff", "ad68f29f576f4bb9a36ad47af965346c");
    let (argon, unknown) = ("ef636ddf8c29444b91f7a9a403e30a0c", "00112233445566778899aabbccddeeff");
    let zip = |method: u8, flags: u8| {
        let mut file = b"PK\x01\x02\x14\0\x14\0".to_vec();
        file.extend([flags, 0, method, 0]);
        file.extend([0; 16]);
        file.extend([6, 0, 0, 0]);
        file.extend([0; 14]);
        file.extend(b"a.json");
        let size = u8::try_from(file.len()).unwrap();
        let start = b"PK\x03\x04                          a.json";
        let mut whole = start.to_vec();
        // The lengths of the name and of the extra fields.
        whole[26..30].copy_from_slice(&[6, 0, 0, 0]);
        let at = u8::try_from(whole.len()).unwrap();
        whole.extend(file);
        whole.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
        whole.extend([size, 0, 0, 0, at, 0, 0, 0, 0, 0]);
        whole
    };
    let rows: &[(&str, Vec<u8>, BackupError)] = &[
        ("KDBX with Twofish", kdbx(twofish, argon, true), BackupError::KdbxCipher),
        ("KDBX with another derivation", kdbx(aes, unknown, true), BackupError::KdbxKdf),
        ("a zip by bzip2", zip(12, 0), BackupError::Archive),
        ("a zip by Deflate64", zip(9, 0), BackupError::Archive),
        ("a zip by zstd, with a password", zip(93, 1), BackupError::Archive),
        ("a zip by PKWARE's strong encryption", zip(8, 0x41), BackupError::Archive),
        ("a 7z", b"7z\xbc\xaf\x27\x1c\0\x04 and what follows, which looks random".to_vec(), BackupError::Archive),
        ("a rar", b"Rar!\x1a\x07\x01\0 and what follows".to_vec(), BackupError::Archive),
        ("OpenPGP as text", b"-----BEGIN PGP MESSAGE-----\n\njA0E".to_vec(), BackupError::OpenPgp),
        (
            "OpenPGP by a password",
            b"\x8c\x0d\x04\x09\x03\x02 and what follows, which looks random".to_vec(),
            BackupError::OpenPgp,
        ),
        ("OpenPGP by a key", b"\x85\x01\x0c\x03 and what follows, which looks random".to_vec(), BackupError::OpenPgp),
    ];
    for (name, file, expect) in rows {
        match detect(Files { bytes: file, beside: &[] }) {
            Detected::Refused(why) => assert_eq!(why, *expect, "{name}"),
            Detected::Plain(_) => panic!("{name} opened"),
            Detected::Locked(locked) => panic!("{name} asks for the password of {}", locked.app.title),
        }
    }
    // Argon2 of no version.
    let Detected::Refused(why) = detect(Files { bytes: &kdbx(aes, argon, false), beside: &[] }) else {
        panic!("it opened")
    };
    assert_eq!(why, BackupError::KdbxKdf);
}

#[test]
fn an_encrypted_file_of_steam_needs_its_manifest() {
    let file = base64ish();
    let manifest = br#"{"encrypted":true,"entries":[{"encryption_iv":"AAAAAAAAAAAAAAAAAAAAAA==","encryption_salt":"AAAAAAAAAAA=","filename":"1.maFile","steamid":1}]}"#;
    let Detected::Locked(locked) = detect(Files { bytes: file.as_bytes(), beside: &[manifest] }) else {
        panic!("not locked")
    };
    assert_eq!(locked.app.id, "steam");
    let why = locked.unlock(&Secret::from(&b"wrong"[..]), MaxCost::HIGHEST).err();
    assert_eq!(why, Some(BackupError::WrongPassword));
}

/// Base64 of 48 bytes: whole blocks, but of nothing.
fn base64ish() -> String {
    "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU2Nzg5".chars().cycle().take(64).collect()
}
