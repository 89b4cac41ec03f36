//! A passkey in software: ES256, by the options that a page is given.

use data_encoding::BASE64URL_NOPAD;
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(crate) const USER_PRESENT: u8 = 1;
pub(crate) const USER_VERIFIED: u8 = 4;

pub(crate) struct Authenticator {
    key: SigningKey,
    id: [u8; 16],
    pub(crate) count: u32,
    pub(crate) origin: String,
    pub(crate) flags: u8,
}

fn text(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

impl Authenticator {
    pub(crate) fn new(seed: u8, origin: &str) -> Self {
        let key = SigningKey::from_slice(&[seed; 32]).unwrap();
        Self { key, id: [seed; 16], count: 1, origin: origin.into(), flags: USER_PRESENT | USER_VERIFIED }
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        json!({ "type": kind, "challenge": options.get("challenge"), "origin": self.origin }).to_string().into_bytes()
    }

    fn data(&mut self, rp_id: &Value, more: u8) -> Vec<u8> {
        let hash = Sha256::digest(rp_id.as_str().unwrap().as_bytes());
        self.count += 1;
        [hash.as_slice(), &[self.flags | more], &self.count.to_be_bytes()].concat()
    }

    /// `navigator.credentials.create`
    pub(crate) fn create(&mut self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).unwrap();
        let point = self.key.verifying_key().to_sec1_point(false);
        let (x, y) = (point.x().unwrap(), point.y().unwrap());
        let key = [&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32][..], x.as_slice(), &[0x22, 0x58, 32], y.as_slice()]
            .concat();
        let data = self.data(options.pointer("/rp/id").unwrap(), 0x40);
        let data = [&data[..], &[0; 16], &[0, 16], &self.id, &key].concat();
        let object = [
            &[0xa3, 0x63][..],
            b"fmt",
            &[0x64],
            b"none",
            &[0x67],
            b"attStmt",
            &[0xa0, 0x68],
            b"authData",
            &[0x58, u8::try_from(data.len()).unwrap()],
            &data,
        ]
        .concat();
        let client_data = self.client_data("webauthn.create", &options);
        self.response(json!({ "clientDataJSON": text(&client_data), "attestationObject": text(&object) }))
    }

    /// `navigator.credentials.get`
    pub(crate) fn get(&mut self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).unwrap();
        let client_data = self.client_data("webauthn.get", &options);
        let data = self.data(options.get("rpId").unwrap(), 0);
        let signed = [&data[..], Sha256::digest(&client_data).as_slice()].concat();
        let signature: Signature = self.key.sign(&signed);
        self.response(json!({
            "clientDataJSON": text(&client_data),
            "authenticatorData": text(&data),
            "signature": text(signature.to_der().as_bytes()),
        }))
    }

    fn response(&self, response: Value) -> String {
        let id = text(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response }).to_string()
    }
}
