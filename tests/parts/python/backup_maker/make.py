"""Makes files of other apps in the forms that their real exports here do not have, and shares no code with Portcullis.

    make.py FOLDER    writes the files and `expected.json` into FOLDER

Needs `cryptography`. Everything random is fixed, so that a second run writes the same bytes.
"""

import base64
import hashlib
import hmac
import json
import struct
import sys
import zlib
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

AT = 1_767_225_600
PASSWORD = "over the hills"
KEY = b"12345678901234567890"
SECRET = base64.b32encode(KEY).decode()
OTHER = hashlib.sha256(b"another key").digest()
STEAM = "23456789BCDFGHJKMNPQRTVWXY"


def code(key, digits=6, period=30, algorithm="sha1", counter=None, steam=False):
    step = AT // period if counter is None else counter
    mac = hmac.new(key, struct.pack(">Q", step), algorithm).digest()
    value = struct.unpack_from(">I", mac, mac[-1] & 15)[0] & 0x7FFFFFFF
    if steam:
        return "".join(STEAM[value // 26**place % 26] for place in range(5))
    return str(value % 10**digits).zfill(digits)


def account(issuer, name, key=KEY, kind="totp", **settings):
    return {"issuer": issuer, "name": name, "kind": kind, "code": code(key, **settings)}


def noise(label, size):
    return hashlib.shake_256(label.encode()).digest(size)


def derived(algorithm, salt, rounds, size=32):
    return PBKDF2HMAC(algorithm, size, salt, rounds).derive(PASSWORD.encode())


def cbc(key, iv, text):
    pad = 16 - len(text) % 16
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return encryptor.update(text + bytes([pad]) * pad) + encryptor.finalize()


ANN = account("Example", "ann")
BOB = account("Battle", "bob", OTHER, digits=8, algorithm="sha256", period=60)
LINKS = (
    f"otpauth://totp/Example:ann?secret={SECRET}&issuer=Example\n"
    f"otpauth://totp/Battle:bob?secret={base64.b32encode(OTHER).decode().rstrip('=')}&issuer=Battle&digits=8&period=60&algorithm=SHA256\n"
)
ANDOTP = json.dumps(
    [
        {"secret": SECRET, "issuer": "Example", "label": "ann", "digits": 6, "type": "TOTP", "algorithm": "SHA1", "period": 30, "tags": ["one"]},
        {"secret": base64.b32encode(OTHER).decode(), "issuer": "Battle", "label": "bob", "digits": 8, "type": "TOTP", "algorithm": "SHA256", "period": 60, "tags": []},
    ]
).encode()


def andotp_old():
    nonce = noise("andotp old", 12)
    return nonce + AESGCM(hashlib.sha256(PASSWORD.encode()).digest()).encrypt(nonce, ANDOTP, None)


def andotp_new(rounds):
    salt, nonce = noise("andotp salt", 12), noise("andotp nonce", 12)
    return struct.pack(">I", rounds) + salt + nonce + AESGCM(derived(hashes.SHA1(), salt, rounds)).encrypt(nonce, ANDOTP, None)


def aegis_two_slots():
    """A biometric slot, a slot of another password, then ours; the key has a cheap cost, and the entries are of version 2."""
    entries = [
        {"type": "totp", "uuid": "1", "name": "ann", "issuer": "Example", "group": "Work", "note": "n", "icon": None, "info": {"secret": SECRET, "algo": "SHA1", "digits": 6, "period": 30}},
        {"type": "totp", "uuid": "2", "name": "bob", "issuer": "Battle", "group": None, "info": {"secret": base64.b32encode(OTHER).decode(), "algo": "SHA256", "digits": 8, "period": 60}},
    ]
    master = noise("master", 32)

    def sealed(key, text, label):
        nonce = noise(label, 12)
        out = AESGCM(key).encrypt(nonce, text, None)
        return out[:-16], {"nonce": nonce.hex(), "tag": out[-16:].hex()}

    def slot(kind, password, label):
        salt = noise(label, 32)
        key = Scrypt(salt, 32, 1 << 10, 8, 1).derive(password)
        wrapped, params = sealed(key, master, label + " nonce")
        cost = {"n": 1 << 10, "r": 8, "p": 1, "salt": salt.hex()} if kind == 1 else {}
        return {"type": kind, "uuid": label, "key": wrapped.hex(), "key_params": params, **cost}

    db, params = sealed(master, json.dumps({"version": 2, "entries": entries}).encode(), "db")
    slots = [slot(2, b"finger", "finger"), slot(1, b"backup password", "other"), slot(1, PASSWORD.encode(), "ours")]
    return json.dumps({"version": 1, "header": {"slots": slots, "params": params}, "db": base64.b64encode(db).decode()}, indent=4).replace("\n", "\r\n").encode()


def two_fas():
    services = json.dumps(
        [
            {"name": "Battle", "secret": base64.b32encode(OTHER).decode(), "otp": {"account": "bob", "digits": 8, "period": 60, "algorithm": "SHA256", "tokenType": "TOTP"}, "order": {"position": 1}},
            {"name": "Example", "secret": SECRET, "otp": {"account": "ann"}, "order": {"position": 0}},
        ]
    ).encode()
    salt, nonce = noise("2fas salt", 256), noise("2fas nonce", 12)
    sealed = AESGCM(derived(hashes.SHA256(), salt, 10_000)).encrypt(nonce, services, None)
    parts = ":".join(base64.b64encode(part).decode() for part in (sealed, salt, nonce))
    return b"\xef\xbb\xbf" + json.dumps({"services": [], "servicesEncrypted": parts, "schemaVersion": 1, "updatedAt": 1, "appOrigin": "ios"}).encode()


def stratum_legacy():
    file = {"Authenticators": [{"Type": 2, "Issuer": "Example", "Username": "ann", "Secret": SECRET, "Algorithm": 0, "Digits": 6, "Period": 30}, {"Type": 4, "Issuer": "Steam", "Username": "gabe", "Secret": SECRET}]}
    salt, iv = noise("stratum salt", 20), noise("stratum iv", 16)
    return b"AuthenticatorPro" + salt + iv + cbc(derived(hashes.SHA1(), salt, 64_000), iv, json.dumps(file).encode())


def extension():
    def sealed(passphrase, text, label):
        salt, out = noise(label, 8), b""
        while len(out) < 48:
            out += hashlib.md5(out[-16:] + passphrase + salt).digest()
        return base64.b64encode(b"Salted__" + salt + cbc(out[:32], out[32:48], text)).decode()

    key = noise("extension key", 32).hex()
    entry = {"account": "ann", "issuer": "Example::example.org", "encrypted": True, "hash": "h", "index": 0, "type": "totp", "secret": sealed(key.encode(), SECRET.encode(), "secret")}
    return json.dumps({"h": entry, "key": {"enc": sealed(PASSWORD.encode(), key.encode(), "key"), "hash": "x"}}).encode()


def bitwarden():
    """Cheaper than the app's rounds; without the field that tells whether the password is right."""
    file = {"encrypted": False, "folders": [{"id": "f", "name": "Work"}], "items": [{"type": 1, "name": "Example", "folderId": "f", "favorite": True, "login": {"username": "ann", "password": "pw", "totp": f"gezd gnbv {SECRET[8:].lower()}"}}]}
    salt = base64.b64encode(noise("bitwarden", 16)).decode()
    key = derived(hashes.SHA256(), salt.encode(), 5_000)
    enc, mac = (hmac.new(key, info + b"\x01", "sha256").digest() for info in (b"enc", b"mac"))
    iv = noise("bitwarden iv", 16)
    text = cbc(enc, iv, json.dumps(file).encode())
    parts = "|".join(base64.b64encode(part).decode() for part in (iv, text, hmac.new(mac, iv + text, "sha256").digest()))
    return json.dumps({"encrypted": True, "passwordProtected": True, "salt": salt, "kdfType": 0, "kdfIterations": 5_000, "data": "2." + parts}).encode()


def archive(files, packed=True, password=None, aes=0, descriptor=False, zip64=False):
    """A zip: stored or deflated, with ZipCrypto or WinZip AES of 128, 192 or 256 bits, with sizes behind the data, or of 64 bits."""
    out, central = b"", b""
    for name, plain in files:
        crc, method = zlib.crc32(plain), 8 if packed else 0
        data = plain
        if packed:
            deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
            data = deflate.compress(plain) + deflate.flush()
        flags, extra, time = (8 if descriptor else 0) | 0x800, b"", 0x6789
        if aes:
            size, salt = aes // 8, noise("zip salt", aes // 16)
            keys = derived(hashes.SHA1(), salt, 1000, size * 2 + 2)
            encryptor, counter = Cipher(algorithms.AES(keys[:size]), modes.ECB()).encryptor(), 1
            stream = b"".join(encryptor.update((counter + block).to_bytes(16, "little")) for block in range(len(data) // 16 + 1))
            data = bytes(a ^ b for a, b in zip(data, stream))
            data = salt + keys[-2:] + data + hmac.new(keys[size : size * 2], data, "sha1").digest()[:10]
            extra = struct.pack("<HHHHBH", 0x9901, 7, 2, 0x4541, aes // 64 - 1, method)
            flags, method, crc = flags | 1, 99, 0
        elif password:
            state = [0x12345678, 0x23456789, 0x34567890]

            def step(crc, byte):
                return zlib.crc32(bytes([byte]), crc ^ 0xFFFFFFFF) ^ 0xFFFFFFFF

            def update(byte):
                state[0] = step(state[0], byte)
                state[1] = ((state[1] + (state[0] & 255)) * 134775813 + 1) & 0xFFFFFFFF
                state[2] = step(state[2], state[1] >> 24)

            for byte in password.encode():
                update(byte)
            check = time >> 8 if descriptor else crc >> 24
            sealed = b""
            for byte in noise("zip head", 11) + bytes([check]) + data:
                low = state[2] | 2
                sealed += bytes([byte ^ (low * (low ^ 1) >> 8 & 255)])
                update(byte)
            data, flags = sealed, flags | 1
        sizes = (crc, len(data), len(plain))
        at = len(out)
        local = (0, 0, 0) if descriptor else sizes
        out += struct.pack("<IHHHHHIIIHH", 0x04034B50, 45, flags, method, time, 0x5B21, *local, len(name), len(extra)) + name.encode() + extra + data
        if descriptor:
            out += struct.pack("<IIII", 0x08074B50, *sizes)
        if zip64:
            extra += struct.pack("<HHQQQ", 1, 24, len(plain), len(data), at)
            sizes, at = (crc, 0xFFFFFFFF, 0xFFFFFFFF), 0xFFFFFFFF
        central += struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 45, 45, flags, method, time, 0x5B21, *sizes, len(name), len(extra), 0, 0, 0, 0, at) + name.encode() + extra
    return out + central + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(files), len(files), len(central), len(out), 0)


RAIVO = json.dumps([{"issuer": "Example", "account": "ann", "secret": SECRET, "kind": "TOTP", "algorithm": "SHA1", "digits": "6", "timer": "30", "counter": "0", "pinned": "false", "iconType": "", "iconValue": ""}]).encode()
ORGANISATION = json.dumps(
    {"encrypted": False, "collections": [{"id": "c", "organizationId": "o", "name": "Team", "externalId": None}], "items": [{"organizationId": "o", "folderId": None, "type": 1, "name": "Example", "login": {"username": "ann", "password": "pw", "totp": SECRET}, "collectionIds": ["c"]}]}
).encode()
CSV = f"Title;Url;Username;Password;OTPAuth\r\nExample;https://example.org;ann;pw;{LINKS.splitlines()[0]}\r\nNone;https://example.net;x;pw;\r\n"

FILES = {
    "andotp-old.bin": (andotp_old(), True, [ANN, BOB]),
    "andotp-rounds.bin": (andotp_new(1_500), True, [ANN, BOB]),
    "aegis-slots.json": (aegis_two_slots(), True, [ANN, BOB]),
    "2fas-schema1.2fas": (two_fas(), True, [ANN, BOB]),
    "stratum-legacy.authpro": (stratum_legacy(), True, [ANN, account("Steam", "gabe", kind="steam", steam=True)]),
    "extension-password.json": (extension(), True, [ANN]),
    "bitwarden-password.json": (bitwarden(), True, [ANN]),
    "bitwarden-organisation.json": (ORGANISATION, False, [ANN]),
    "bitwarden-attachments.zip": (archive([("attachments/x/y.json", b"{}"), ("data.json", ORGANISATION)]), False, [ANN]),
    "links-utf16le.txt": (b"\xff\xfe" + LINKS.replace("\n", "\r\n").encode("utf-16-le"), False, [ANN, BOB]),
    "links-utf16be.txt": (b"\xfe\xff" + LINKS.encode("utf-16-be"), False, [ANN, BOB]),
    "semicolons-utf16.csv": (b"\xff\xfe" + CSV.encode("utf-16-le"), False, [ANN]),
    "semicolons-bom.csv": (b"\xef\xbb\xbf" + CSV.encode(), False, [ANN]),
    "raivo-aes256.zip": (archive([("raivo-otp-export.json", RAIVO)], aes=256), True, [ANN]),
    "raivo-aes256-stored.zip": (archive([("raivo-otp-export.json", RAIVO)], packed=False, aes=256), True, [ANN]),
    "winauth-password.zip": (archive([("winauth.txt", LINKS.encode())], password=PASSWORD), True, [ANN, BOB]),
    "winauth-descriptor.zip": (archive([("winauth.txt", LINKS.encode())], password=PASSWORD, descriptor=True), True, [ANN, BOB]),
    "plain-descriptor.zip": (archive([("Accounts.txt", LINKS.encode())], descriptor=True), False, [ANN, BOB]),
    "plain-stored.zip": (archive([("Accounts.txt", LINKS.encode())], packed=False), False, [ANN, BOB]),
    "plain-zip64.zip": (archive([("readme.pdf", b"%PDF"), ("Accounts.txt", LINKS.encode())], zip64=True), False, [ANN, BOB]),
}


def main(folder):
    folder = Path(folder)
    rows = {}
    for name, (content, locked, accounts) in FILES.items():
        (folder / name).write_bytes(content)
        rows[name] = {**({"password": PASSWORD} if locked else {}), "accounts": accounts}
    (folder / "expected.json").write_text(json.dumps({"atMs": AT * 1000, "files": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
