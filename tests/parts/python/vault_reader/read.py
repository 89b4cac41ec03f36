"""Reads a Portcullis vault as crates/vault/FORMAT.md describes it, and shares no code with the core.

    read.py open  < {"file": base64, "given": {"passphrase" | "recoveryKey" | "deviceKey" | "passkeyPrf": …}}   -> the content as JSON,
                                                                                     and the slots of its header in hexadecimal
    read.py vectors FOLDER                                                            -> opens every vector of the folder

Only Python's own modules and PyNaCl (libsodium).
"""

import base64
import hashlib
import hmac
import json
import pathlib
import struct
import sys
import unicodedata

from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as aead_open
from nacl.bindings import crypto_pwhash_alg
from nacl.bindings.crypto_pwhash import crypto_pwhash_ALG_ARGON2ID13
from nacl.exceptions import CryptoError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RECOVERY = b"portcullis/vault/recovery-key/v1"


class Refused(Exception):
    """The one argument is the code that the core gives for the same file."""


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, length):
        taken = self.data[self.at : self.at + length]
        if len(taken) != length:
            raise Refused("VAULT_TAMPERED")
        self.at += length
        return taken

    def number(self, length):
        return int.from_bytes(self.take(length), "little")


def parse(file):
    if not file.startswith(b"PTCVAULT"):
        raise Refused("VAULT_DAMAGED" if file and b"PTCVAULT".startswith(file) else "VAULT_NOT_A_VAULT")
    if len(file) < 40 or hashlib.sha256(file[:-32]).digest() != file[-32:]:
        raise Refused("VAULT_DAMAGED")
    read = Reader(file[:-32])
    read.take(8)
    version, count, zero = read.number(1), read.number(1), read.number(2)
    if version > 2:
        raise Refused("VAULT_TOO_NEW")
    length, generation = read.number(4), read.number(8)
    if version == 0 or zero or not 1 <= count <= 16:
        raise Refused("VAULT_TAMPERED")
    slots = [slot(read, version) for _ in range(count)]
    header = read.data[: read.at]
    nonce = read.take(24)
    body = read.data[read.at :]
    if len(body) != length:
        raise Refused("VAULT_TAMPERED")
    return {"version": version, "generation": generation, "slots": slots, "header": header, "nonce": nonce, "body": body}


def slot(read, version):
    start = read.at
    kind, zero, length = read.number(1), read.number(1), read.number(2)
    if zero or not kind:
        raise Refused("VAULT_TAMPERED")
    if version == 1 and kind > 3:
        raise Refused("VAULT_TOO_NEW")
    identity, params = read.take(8), read.take(length)
    if kind == 4:
        check_passkey(params)
    elif length != {1: 24, 2: 0, 3: 0}.get(kind, length):
        raise Refused("VAULT_TAMPERED")
    head = read.data[start : read.at]
    return {"kind": kind, "id": identity.hex(), "params": params, "head": head, "nonce": read.take(24), "wrapped": read.take(48)}


def check_passkey(params):
    read = Reader(params)
    read.take(32)
    credential = read.take(read.number(2))
    host = params[read.at :]
    try:
        host.decode()
    except UnicodeDecodeError:
        raise Refused("VAULT_TAMPERED") from None
    if not 1 <= len(credential) <= 1023 or not 1 <= len(host) <= 253:
        raise Refused("VAULT_TAMPERED")


def stretch(passphrase, params):
    memory, passes, salt = struct.unpack("<II16s", params)
    if memory < 19456 or passes < 2:
        raise Refused("VAULT_KDF_TOO_WEAK")
    if memory > 1 << 20 or memory * passes > 16 << 20:
        raise Refused("VAULT_KDF_TOO_COSTLY")
    text = unicodedata.normalize("NFKC", passphrase).encode()
    return crypto_pwhash_alg(32, text, salt, passes, memory * 1024, crypto_pwhash_ALG_ARGON2ID13)


def recovery_key(typed):
    """The 16 bytes of a recovery key as typed."""
    letters = [c for c in typed.upper() if not c.isspace() and c not in "-\u2010\u2011\u2012\u2013\u2014\u2015"]
    values = [ALPHABET.find({"O": "0", "I": "1", "L": "1"}.get(c, c)) for c in letters]
    if len(values) != 35:
        raise Refused("VAULT_RECOVERY_KEY_LENGTH")
    data = []
    for index in range(7):
        group = values[index * 5 : index * 5 + 5]
        if -1 in group or hashlib.sha256(RECOVERY + b"/group" + bytes([index] + group[:4])).digest()[0] >> 3 != group[4]:
            raise Refused("VAULT_RECOVERY_KEY_TYPO")
        data += group[:4]
    bits = 0
    for value in data:
        bits = bits << 5 | value
    key = (bits >> 12).to_bytes(16, "big")
    if int.from_bytes(hashlib.sha256(RECOVERY + b"/check" + key).digest()[:2], "big") >> 4 != bits & 0xFFF:
        raise Refused("VAULT_RECOVERY_KEY_TYPO")
    return key


def slot_key(slot, given):
    if slot["kind"] == 1:
        return stretch(given["passphrase"], slot["params"])
    if slot["kind"] == 2:
        return hashlib.sha256(RECOVERY + recovery_key(given["recoveryKey"])).digest()
    if slot["kind"] == 4:
        return passkey_key(bytes.fromhex(given["passkeyPrf"]), bytes.fromhex(slot["id"]))
    return bytes.fromhex(given["deviceKey"])


def passkey_key(prf, identity):
    """HKDF-SHA256 (RFC 5869), no salt, one block."""
    extracted = hmac.digest(bytes(32), prf, "sha256")
    return hmac.digest(extracted, b"portcullis/vault/passkey/v1" + identity + b"\x01", "sha256")


def unique(pairs):
    if len({key for key, _ in pairs}) != len(pairs):
        raise Refused("VAULT_BAD_CONTENT")
    return dict(pairs)


def whole(text):
    """A number as the format has them: whole, and from 0 to 2^64 - 1."""
    if not text.isdigit() or int(text) >= 1 << 64:
        raise Refused("VAULT_BAD_CONTENT")
    return int(text)


def fraction(text):
    raise Refused("VAULT_BAD_CONTENT")


def unlock(file, given):
    """The content, opened by the first slot of the kind that `given` has something for."""
    vault = parse(file)
    kind = next(kind for kind, name in ((1, "passphrase"), (2, "recoveryKey"), (3, "deviceKey"), (4, "passkeyPrf")) if name in given)
    slots = [slot for slot in vault["slots"] if slot["kind"] == kind]
    if not slots:
        raise Refused("VAULT_NO_SLOT")
    slot = slots[0]
    key = slot_key(slot, given)
    try:
        master = aead_open(slot["wrapped"], b"portcullis/vault/slot/v1" + slot["head"], slot["nonce"], key)
    except CryptoError:
        raise Refused("VAULT_WRONG_KEY") from None
    try:
        padded = aead_open(vault["body"], b"portcullis/vault/body/v1" + vault["header"], vault["nonce"], master)
    except CryptoError:
        raise Refused("VAULT_TAMPERED") from None
    length = int.from_bytes(padded[:4], "little")
    if len(padded) < 4 + length or len(padded) % 4096:
        raise Refused("VAULT_BAD_CONTENT")
    try:
        content = json.loads(padded[4 : 4 + length], object_pairs_hook=unique, parse_int=whole, parse_float=fraction)
    except ValueError:
        raise Refused("VAULT_BAD_CONTENT") from None
    version, needs = content["version"], content["version"]
    if vault["version"] > 1:
        needs = content.get("needs")
        if needs is None:
            raise Refused("VAULT_BAD_CONTENT")
    if needs > vault["version"]:
        raise Refused("VAULT_TOO_NEW")
    if version < vault["version"] or needs > version or (vault["version"] > 1 and "vaultId" not in content):
        raise Refused("VAULT_BAD_CONTENT")
    if {slot["id"] for slot in content["slots"]} != {slot["id"] for slot in vault["slots"]}:
        raise Refused("VAULT_BAD_CONTENT")
    return content


def header(file):
    """Each slot of the header as it stands there."""
    return [(slot["head"] + slot["nonce"] + slot["wrapped"]).hex() for slot in parse(file)["slots"]]


def outcome(row):
    try:
        file = base64.b64decode(row["file"])
        return {"expect": unlock(file, row["given"]), "slots": header(file)}
    except Refused as refused:
        return {"refuse": refused.args[0]}


def vectors(folder):
    """Each row's name, and whether this reader comes to the same end."""
    report = []
    for row in json.loads((pathlib.Path(folder) / "open.json").read_text()):
        got = outcome(row)
        if "expect" in row:
            right = got.get("expect", {}).get("entries") == row["expect"]["entries"]
        else:
            right = got.get("refuse") == row["refuse"]
        report.append({"name": row["name"], "right": right, "got": got.get("refuse", "opened")})
    for row in json.loads((pathlib.Path(folder) / "recovery.json").read_text()):
        try:
            got = {"slotKey": hashlib.sha256(RECOVERY + recovery_key(row["typed"])).hexdigest()}
        except Refused as refused:
            got = {"refuse": refused.args[0]}
        right = got == {key: row[key] for key in ("slotKey", "refuse") if key in row}
        report.append({"name": row["name"], "right": right, "got": got.get("refuse", "read")})
    for row in json.loads((pathlib.Path(folder) / "stretch.json").read_text()):
        params = struct.pack("<II16s", row["memoryKib"], row["passes"], bytes.fromhex(row["salt"]))
        try:
            got = {"key": stretch(row["passphrase"], params).hex()}
        except Refused as refused:
            got = {"refuse": refused.args[0]}
        right = got == {key: row[key] for key in ("key", "refuse") if key in row}
        report.append({"name": row["name"], "right": right, "got": got.get("refuse", "stretched")})
    return report


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    if command == "open":
        print(json.dumps(outcome(json.load(sys.stdin))))
    elif command == "vectors":
        print(json.dumps(vectors(rest[0])))
    else:
        sys.exit(__doc__)
