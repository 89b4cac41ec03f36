"""Makes files of other apps in the forms that their real exports here do not have, and shares no code with Portcullis.

    make.py FOLDER    writes the files and `expected.json` into FOLDER

Needs `cryptography`. Everything random is fixed, so that a second run writes the same bytes.
"""

import base64
import gzip
import hashlib
import hmac
import json
import re
import struct
import sys
import zlib
from pathlib import Path
from urllib.parse import quote

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2d, Argon2id
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.poly1305 import Poly1305

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


def argon2id(salt, memory_kib, passes, lanes):
    return Argon2id(salt=salt, length=32, iterations=passes, lanes=lanes, memory_cost=memory_kib).derive(PASSWORD.encode())


def proton():
    file = {"version": 1, "entries": [{"id": "1", "content": {"uri": LINKS.splitlines()[0], "entry_type": "Totp", "name": "ann"}, "note": None}, {"id": "2", "content": {"uri": f"steam://{SECRET}", "entry_type": "Steam", "name": "gabe"}, "note": "n"}]}
    salt, nonce = noise("proton salt", 16), noise("proton nonce", 12)
    sealed = AESGCM(argon2id(salt, 19_456, 2, 1)).encrypt(nonce, json.dumps(file).encode(), b"proton.authenticator.export.v1")
    return json.dumps({"version": 1, "salt": base64.b64encode(salt).decode(), "content": base64.b64encode(nonce + sealed).decode()}).encode()


def stratum():
    file = {"Authenticators": [{"Type": 1, "Issuer": "Example", "Username": "ann", "Secret": SECRET, "Algorithm": 0, "Digits": 6, "Counter": 5, "Ranking": 0}]}
    salt, nonce = noise("strong salt", 16), noise("strong nonce", 12)
    return b"AUTHENTICATORPRO" + salt + nonce + AESGCM(argon2id(salt, 65_536, 3, 4)).encrypt(nonce, json.dumps(file).encode(), None)


def bitwarden_argon():
    file = {"encrypted": False, "items": [{"type": 1, "name": "Example", "login": {"username": "ann", "totp": SECRET}}]}
    salt = base64.b64encode(noise("bitwarden argon", 16)).decode()
    key = argon2id(hashlib.sha256(salt.encode()).digest(), 8 * 1024, 1, 2)
    enc, mac = (hmac.new(key, info + b"\x01", "sha256").digest() for info in (b"enc", b"mac"))

    def sealed(text, label):
        iv = noise(label, 16)
        text = cbc(enc, iv, text)
        return "2." + "|".join(base64.b64encode(part).decode() for part in (iv, text, hmac.new(mac, iv + text, "sha256").digest()))

    head = {"encrypted": True, "passwordProtected": True, "salt": salt, "kdfType": 1, "kdfIterations": 1, "kdfMemory": 8, "kdfParallelism": 2}
    return json.dumps({**head, "encKeyValidation_DO_NOT_EDIT": sealed(b"anything", "check"), "data": sealed(json.dumps(file).encode(), "data")}).encode()


def totp_authenticator(password):
    entries = json.dumps([{"key": SECRET, "name": "ann", "issuer": "Example", "digits": "6", "period": "30", "base": 32}, {"key": KEY.hex(), "name": "bob", "issuer": "Hex", "digits": "6", "period": "30", "base": 16}])
    return base64.b64encode(cbc(hashlib.sha256(password.encode()).digest(), bytes(16), json.dumps({entries: ""}).encode()))


def steam(name, secret, label):
    salt, iv = noise(label, 8), noise(label + " iv", 16)
    file = json.dumps({"shared_secret": base64.b64encode(secret).decode(), "account_name": name, "identity_secret": "x"}).encode()
    row = {"encryption_iv": base64.b64encode(iv).decode(), "encryption_salt": base64.b64encode(salt).decode(), "filename": label, "steamid": 1}
    return base64.b64encode(cbc(derived(hashes.SHA1(), salt, 50_000), iv, file)), row


def salsa20(key, nonce, size):
    """Salsa20 (https://cr.yp.to/snuffle/spec.pdf)."""
    constants, key, nonce = struct.unpack("<4I", b"expand 32-byte k"), struct.unpack("<8I", key), struct.unpack("<2I", nonce)
    out = b""
    for block in range(size // 64 + 1):
        start = [constants[0], *key[:4], constants[1], *nonce, block, 0, constants[2], *key[4:], constants[3]]
        state = start[:]
        for turn in range(20):
            for place in range(4):
                row = [(place * 4 + (place + n) % 4) if turn % 2 else ((place + n) % 4 * 4 + place) for n in range(4)]
                for n, shift in ((1, 7), (2, 9), (3, 13), (0, 18)):
                    total = (state[row[n - 1]] + state[row[n - 2]]) & 0xFFFFFFFF
                    state[row[n]] ^= (total << shift | total >> (32 - shift)) & 0xFFFFFFFF
        out += struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(state, start)))
    return out[:size]


def chacha20(key, nonce, data):
    encryptor = Cipher(algorithms.ChaCha20(key, bytes(4) + nonce), mode=None).encryptor()
    return encryptor.update(data)


def hchacha20(key, nonce):
    """The first and last row of ChaCha's state after its rounds (draft-irtf-cfrg-xchacha section 2.2)."""
    state = list(struct.unpack("<16I", b"expand 32-byte k" + key + nonce))
    rows = [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15), (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]
    for a, b, c, d in rows * 10:
        for to, by, mixed, shift in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[to] = (state[to] + state[by]) & 0xFFFFFFFF
            value = state[mixed] ^ state[to]
            state[mixed] = (value << shift | value >> (32 - shift)) & 0xFFFFFFFF
    return struct.pack("<8I", *state[:4], *state[12:])


def ente(tag):
    """One message of libsodium's secretstream, with its own way to pad."""
    shown = quote(json.dumps({"pinned": True, "trashed": False, "tags": ["one"], "note": "n", "position": 1, "tapCount": 3, "lastUsedAt": 5}))
    text = f"{LINKS.splitlines()[0]}&codeDisplay={shown}\notpauth://totp/gabe?secret={SECRET}&issuer=Steam&codeDisplay={quote('{}')}".encode()
    salt, header = noise("ente salt", 16), noise("ente header", 24)
    subkey = hchacha20(argon2id(salt, 1024, 2, 1), header[:16])

    def stream(block, data):
        nonce = struct.pack("<I", block) + struct.pack("<I", 1) + header[16:]
        return Cipher(algorithms.ChaCha20(subkey, nonce), mode=None).encryptor().update(data)

    first, sealed = stream(1, bytes([tag]) + bytes(63)), stream(2, text)
    mac = Poly1305(stream(0, bytes(32)))
    mac.update(first + sealed + bytes(len(text) % 16) + struct.pack("<QQ", 0, 64 + len(text)))
    parts = {"encryptedData": first[:1] + sealed + mac.finalize(), "encryptionNonce": header}
    params = {"memLimit": 1 << 20, "opsLimit": 2, "salt": base64.b64encode(salt).decode()}
    return json.dumps({"version": 1, "kdfParams": params, **{name: base64.b64encode(part).decode() for name, part in parts.items()}}).encode()


def freeotp():
    """A HashMap of texts in Java's serialisation; the parameters of AES as old phones write them, and as new ones."""

    def signed(data):
        return [byte - 256 if byte > 127 else byte for byte in data]

    def wrapped(key, plain, token, label, old):
        nonce = noise(label, 12)
        sealed = AESGCM(key).encrypt(nonce, plain, token.encode())
        parameters = b"\x04\x0c" + nonce if old else b"\x30\x11\x04\x0c" + nonce + b"\x02\x01\x10"
        return {"mCipher": "AES/GCM/NoPadding", "mCipherText": signed(sealed), "mParameters": signed(parameters), "mToken": token}

    salt, master = noise("freeotp salt", 32), noise("freeotp master", 32)
    unlocked = derived(hashes.SHA512(), salt, 1_000)
    texts = {"masterKey": json.dumps({"mAlgorithm": "PBKDF2withHmacSHA512", "mIterations": 1_000, "mSalt": signed(salt), "mEncryptedKey": wrapped(unlocked, master, "AES", "freeotp key", False)})}
    tokens = [
        ("one", KEY, {"algo": "SHA1", "digits": 6, "issuerExt": "Example", "issuerInt": "Example", "label": "ann", "period": 30, "type": "TOTP"}),
        ("two", OTHER, {"algo": "SHA256", "digits": 8, "issuerExt": "Old", "issuerAlt": "Battle", "label": "bob", "period": 60, "type": "TOTP"}),
    ]
    for name, key, token in tokens:
        texts[name + "-token"] = json.dumps(token)
        texts[name] = json.dumps({"key": json.dumps(wrapped(master, key, "HmacSHA1", name, name == "two"))})
    out = b"\xac\xed\0\x05sr\0\x11java.util.HashMap" + bytes.fromhex("0507dac1c31660d1") + b"\x03\0\x02F\0\x0aloadFactorI\0\x09thresholdxp" + struct.pack(">fI", 0.75, 12) + b"w\x08" + struct.pack(">II", 16, len(texts))
    for pair in texts.items():
        for text in pair:
            out += b"t" + struct.pack(">H", len(text)) + text.encode()
    return out + b"x"


KEY_FILE = b'<?xml version="1.0" encoding="utf-8"?>\r\n<KeyFile>\r\n\t<Meta><Version>2.0</Version></Meta>\r\n\t<Key><Data Hash="00000000">\r\n\t\t' + noise("key file", 32).hex(" ", 4).upper().encode() + b"\r\n\t</Data></Key>\r\n</KeyFile>"


def keepass(minor, cipher, derivation, stream, packed, password=True, key_file=None):
    """KDBX 4 (https://keepass.info/help/kb/kdbx.html). An older version of an entry, and an entry in the bin, come before others."""
    seed, iv, salt, inner_key = noise("seed", 32), noise("iv", 12 if cipher == "chacha20" else 16), noise("salt", 32), noise("inner", 64)
    composite = hashlib.sha256((hashlib.sha256(PASSWORD.encode()).digest() if password else b"") + (key_file or b"")).digest()
    if derivation == "aes":
        encryptor, key = Cipher(algorithms.AES(salt), modes.ECB()).encryptor(), composite
        for _ in range(1_000):
            key = encryptor.update(key)
        key = hashlib.sha256(key).digest()
        words = [(0x42, b"$UUID", bytes.fromhex("c9d9f39a628a4460bf740d08c18a4fea")), (0x05, b"R", struct.pack("<Q", 1_000)), (0x42, b"S", salt)]
    else:
        kind, uuid = (Argon2d, "ef636ddf8c29444b91f7a9a403e30a0c") if derivation == "argon2d" else (Argon2id, "9e298b1956db4773b23dfc3ec6f0a1e6")
        key = kind(salt=salt, length=32, iterations=2, lanes=2, memory_cost=1024).derive(composite)
        numbers = [(0x05, b"M", struct.pack("<Q", 1 << 20)), (0x05, b"I", struct.pack("<Q", 2)), (0x04, b"P", struct.pack("<I", 2)), (0x04, b"V", struct.pack("<I", 0x13))]
        words = [(0x42, b"$UUID", bytes.fromhex(uuid)), (0x42, b"S", salt), *numbers]
    dictionary = struct.pack("<H", 0x100) + b"".join(bytes([kind]) + struct.pack("<I", len(name)) + name + struct.pack("<I", len(value)) + value for kind, name, value in words) + b"\0"

    def field(number, value):
        return bytes([number]) + struct.pack("<I", len(value)) + value

    ciphers = {"aes": "31c1f2e6bf714350be5805216afc5aff", "chacha20": "d6038a2b8b6f4cb5a524339a31dbb59a"}
    head = b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5" + struct.pack("<HH", minor, 4)
    head += field(2, bytes.fromhex(ciphers[cipher])) + field(3, struct.pack("<I", int(packed))) + field(4, seed) + field(7, iv) + field(11, dictionary) + field(12, b"\0\x01\0") + field(0, b"\r\n\r\n")
    at = 0

    def protected(text):
        nonlocal at
        data = text.encode()
        if stream == "salsa20":
            keys = salsa20(hashlib.sha256(inner_key).digest(), bytes.fromhex("e830094b97205d2a"), at + len(data))[at:]
        else:
            whole = hashlib.sha512(inner_key).digest()
            keys = chacha20(whole[:32], whole[32:44], bytes(at + len(data)))[at:]
        at += len(data)
        return base64.b64encode(bytes(a ^ b for a, b in zip(data, keys))).decode()

    def string(name, value, hidden=False):
        value = f'<Value Protected="True">\x01{value}\x02</Value>' if hidden else f"<Value>{value}</Value>"
        return f"<String><Key>{name}</Key>{value}</String>"

    def entry(title, user, *fields, history=""):
        return f"<Entry><UUID>AAAA</UUID>{string('Title', title)}{string('UserName', user)}{string('Password', 'pw', True)}{''.join(fields)}{history}</Entry>"

    ours = [string("otp", LINKS.splitlines()[0], True)]
    before = f"<History>{entry('Example', 'ann', string('otp', 'otpauth://totp/old?secret=AAAAAAAA', True))}</History>"
    seeds = [string("TOTP Seed", " ".join(base64.b32encode(OTHER).decode().rstrip("=").lower()), True), string("TOTP Settings", "60;8;")]
    hashed = [string("TimeOtp-Secret-Base64", base64.b64encode(OTHER).decode(), True), string("TimeOtp-Length", "8"), string("TimeOtp-Period", "60"), string("TimeOtp-Algorithm", "HMAC-SHA-256")]
    inside = entry("Example", "ann", *ours, history=before) + entry("Battle", "bob", *hashed)
    bin = f"<Group><UUID>BBBB</UUID><Name>Recycle Bin</Name>{entry('Gone', 'cat', *seeds)}</Group>"
    text = f"<?xml version='1.0' encoding='utf-8'?><KeePassFile><Meta><RecycleBinUUID>BBBB</RecycleBinUUID></Meta><Root><Group><UUID>CCCC</UUID><Name>Database</Name>{inside}{bin}</Group></Root></KeePassFile>"
    # One key stream for all protected values, in the order of the document.
    text = re.sub("\x01(.*?)\x02", lambda found: protected(found[1]), text)
    plain = field(1, struct.pack("<I", 2 if stream == "salsa20" else 3)) + field(2, inner_key) + field(3, b"\x01an attachment") + field(0, b"") + text.encode()
    if packed:
        plain = gzip.compress(plain, mtime=0)
    sealing, mac = hashlib.sha256(seed + key).digest(), hashlib.sha512(seed + key + b"\x01").digest()
    sealed = cbc(sealing, iv, plain) if cipher == "aes" else chacha20(sealing, iv, plain)

    def tag(index, data):
        return hmac.new(hashlib.sha512(index + mac).digest(), data, "sha256").digest()

    out = head + hashlib.sha256(head).digest() + tag(b"\xff" * 8, head)
    blocks = [sealed[start : start + 500] for start in range(0, len(sealed), 500)] + [b""]
    for number, block in enumerate(blocks):
        index, size = struct.pack("<Q", number), struct.pack("<I", len(block))
        out += tag(index, index + size + block) + size + block
    return out


RAIVO = json.dumps([{"issuer": "Example", "account": "ann", "secret": SECRET, "kind": "TOTP", "algorithm": "SHA1", "digits": "6", "timer": "30", "counter": "0", "pinned": "false", "iconType": "", "iconValue": ""}]).encode()
ORGANISATION = json.dumps(
    {"encrypted": False, "collections": [{"id": "c", "organizationId": "o", "name": "Team", "externalId": None}], "items": [{"organizationId": "o", "folderId": None, "type": 1, "name": "Example", "login": {"username": "ann", "password": "pw", "totp": SECRET}, "collectionIds": ["c"]}]}
).encode()
CSV = f"Title;Url;Username;Password;OTPAuth\r\nExample;https://example.org;ann;pw;{LINKS.splitlines()[0]}\r\nNone;https://example.net;x;pw;\r\n"

GONE = account("Gone", "cat", OTHER, digits=8, period=60)
STEAM_FILE, STEAM_ROW = steam("gabe", KEY, "1.maFile")
OTHER_FILE, OTHER_ROW = steam("other", OTHER, "2.maFile")
BESIDE = {
    "keepass-key.keyx": KEY_FILE,
    "steam-manifest.json": json.dumps({"encrypted": True, "entries": [OTHER_ROW, STEAM_ROW]}).encode(),
}

FILES = {
    "keepass-aes-aeskdf-salsa20.kdbx": (keepass(0, "aes", "aes", "salsa20", True), True, [ANN, BOB, GONE]),
    "keepass-chacha20-argon2d.kdbx": (keepass(1, "chacha20", "argon2d", "chacha20", False), True, [ANN, BOB, GONE]),
    "keepass-chacha20-argon2id-key.kdbx": (keepass(1, "chacha20", "argon2id", "salsa20", True, key_file=noise("key file", 32)), True, [ANN, BOB, GONE], "keepass-key.keyx"),
    "steam-password.maFile": (STEAM_FILE, True, [account("Steam", "gabe", kind="steam", steam=True)], "steam-manifest.json"),
    "ente-password.txt": (ente(0), True, [ANN, account("Steam", "gabe", kind="steam", steam=True)]),
    "ente-final-tag.txt": (ente(3), True, [ANN, account("Steam", "gabe", kind="steam", steam=True)]),
    "freeotp-password.xml": (freeotp(), True, [ANN, BOB]),
    "proton-password.json": (proton(), True, [ANN, account("Steam", "gabe", kind="steam", steam=True)]),
    "stratum-password.authpro": (stratum(), True, [account("Example", "ann", kind="hotp", counter=5)]),
    "bitwarden-argon2id.json": (bitwarden_argon(), True, [ANN]),
    "totp-authenticator-password.txt": (totp_authenticator(PASSWORD), True, [ANN, account("Hex", "bob")]),
    "totp-authenticator-fixed.txt": (totp_authenticator("TotpAuthenticator"), False, [ANN, account("Hex", "bob")]),
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
    for name, content in BESIDE.items():
        (folder / name).write_bytes(content)
    for name, (content, locked, accounts, *beside) in FILES.items():
        (folder / name).write_bytes(content)
        rows[name] = {**({"password": PASSWORD} if locked else {}), **({"beside": beside} if beside else {}), "accounts": accounts}
    (folder / "expected.json").write_text(json.dumps({"atMs": AT * 1000, "files": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
