//! The rows of `tests/vectors/webauthn`, one test a row.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test, though its harness is its own")]

#[path = "harness/crypto.rs"]
mod crypto;

use data_encoding::BASE64URL_NOPAD;
use gate::factor::webauthn::{
    Ceremony, PasskeyError, UserVerification, assertion, authenticator_data::AuthenticatorData, cbor::Reader,
    registration,
};
use libtest_mimic::{Arguments, Failed, Trial};
use vectors::webauthn::{Row, all};

fn main() {
    let rows = all();
    assert_eq!(rows.len(), 83, "the table is there");
    let mut trials: Vec<Trial> =
        rows.into_iter().map(|row| Trial::test(test_name(&row), move || check(&row))).collect();
    trials.push(Trial::test("d02_cut_and_bent_answers_are_judged_without_a_panic", bent));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Rows of an attack of the catalogue bear its id.
fn test_name(row: &Row) -> String {
    let id = match row.expect.as_str() {
        "rp-id" | "user-handle" => "f23_",
        "origin" | "cross-origin" => "f38_",
        "challenge" | "type" => "f26_",
        _ => "",
    };
    let words: String = row.name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    format!("{id}{}_{words}", row.op)
}

fn bytes(text: &str) -> Vec<u8> {
    BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()
}

/// What is stored: the counter. A refusal of the platform's is one of the key, or of the signature.
fn judge(row: &Row, credential: &str) -> Result<u32, PasskeyError> {
    let challenge = bytes(&row.challenge);
    let verification = match row.user_verification.as_str() {
        "required" => UserVerification::Required,
        "preferred" => UserVerification::Preferred,
        _ => UserVerification::Discouraged,
    };
    let ceremony = Ceremony { rp_id: &row.rp_id, origin: &row.origins[0], challenge: &challenge, verification };
    if row.op == "create" {
        let found = registration::judge(&ceremony, credential, std::iter::empty())?;
        let again = registration::judge(&ceremony, credential, std::iter::once(found.id.as_slice()));
        assert_eq!(again.err(), Some(PasskeyError::Known));
        return if crypto::verify(&found.import) { Ok(found.sign_count) } else { Err(PasskeyError::Key) };
    }
    let stored = row.registered.as_ref().unwrap();
    let (id, public_key) = (bytes(&stored.id), bytes(&stored.public_key));
    let known = assertion::Known { id: &id, public_key: &public_key, backup_eligible: stored.backup_eligible };
    let found = assertion::judge(&ceremony, credential, &bytes(&stored.user_handle), std::iter::once(known))?;
    if !crypto::verify(&found.verify) {
        return Err(PasskeyError::Signature);
    }
    assertion::counter(stored.sign_count, found.sign_count)?;
    Ok(found.sign_count)
}

fn check(row: &Row) -> Result<(), Failed> {
    let got = judge(row, &row.credential.to_string());
    let want = row.expect.as_str();
    let said = match &got {
        Ok(_) => "ok".to_owned(),
        Err(error) => error.code().trim_start_matches("PASSKEY_").to_lowercase().replace('_', "-"),
    };
    if said != want {
        return Err(format!("got {said}, wanted {want}").into());
    }
    match (got, row.sign_count) {
        (Ok(count), Some(stored)) if count != stored => Err(format!("stores {count}, wanted {stored}").into()),
        _ => Ok(()),
    }
}

/// Each byte of an answer is changed, and each answer is cut everywhere. None is taken but for what no check reads.
fn bent() -> Result<(), Failed> {
    for row in all().iter().filter(|row| row.expect == "ok") {
        let text = row.credential.to_string();
        for (text, error) in [
            (format!(" {text}"), Some(PasskeyError::Unreadable)),
            (format!("{text} "), None),
            (format!("{text}{}", " ".repeat(65_536 - text.len())), None),
            (format!("{text}{}", " ".repeat(65_537 - text.len())), Some(PasskeyError::Unreadable)),
        ] {
            assert_eq!(judge(row, &text).err(), error, "{}: {} bytes", row.name, text.len());
        }
        let mut two_ids = row.credential.clone();
        two_ids["id"] = BASE64URL_NOPAD.encode(b"another one").into();
        assert_eq!(judge(row, &two_ids.to_string()).err(), Some(PasskeyError::CredentialId), "{}", row.name);
        for at in 0..text.len() {
            if text.is_char_boundary(at) {
                assert!(judge(row, &text[..at]).is_err(), "{}: cut at {at}", row.name);
            }
        }
        let object = row.credential["response"].get("attestationObject").and_then(|value| value.as_str()).map(bytes);
        for bytes in object.iter().filter(|bytes| bytes.len() < 600) {
            for at in 0..bytes.len() {
                for flip in [1, 0x20, 0x80] {
                    let mut bent = bytes.clone();
                    bent[at] ^= flip;
                    let _ = Reader::new(&bent).skip();
                    let _ = AuthenticatorData::read(&bent[at..]).map(|data| data.sign_count);
                }
            }
        }
    }
    Ok(())
}
