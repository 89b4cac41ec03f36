"""Reads what Portcullis writes for other apps, and shares no code with it.

    read.py aegis | aegis-encrypted PASSWORD | 2fas | google | links | series | text   < the file

Only Python's own modules and PyNaCl (for AES-GCM).
"""

import base64
import hashlib
import hmac
import json
import struct
import sys
import urllib.parse

AT = 1_767_225_600
STEAM = "23456789BCDFGHJKMNPQRTVWXY"


def base32(text):
    return base64.b32decode(text + "=" * (-len(text) % 8))


def truncated(key, counter, algorithm):
    mac = hmac.new(key, struct.pack(">Q", counter), algorithm.lower()).digest()
    return struct.unpack_from(">I", mac, mac[-1] & 15)[0] & 0x7FFFFFFF


def code(kind, key, algorithm, digits, period, counter, pin):
    if kind == "motp":
        return hashlib.md5(f"{AT // 10}{key.hex()}{pin}".encode()).hexdigest()[:6]
    if kind == "yandex":
        return "yandex"
    value = truncated(key, counter if kind == "hotp" else AT // period, algorithm)
    if kind != "steam":
        return str(value % 10**digits).zfill(digits)
    letters = ""
    for _ in range(5):
        value, letter = divmod(value, 26)
        letters += STEAM[letter]
    return letters


def account(issuer, name, kind, key, algorithm="SHA1", digits=6, period=30, counter=0, pin="", **more):
    return {"issuer": issuer, "name": name, "kind": kind, "code": code(kind, key, algorithm, digits, period, counter, pin), **more}


def aegis(db):
    names = {group["uuid"]: group["name"] for group in db["groups"]}
    for entry in db["entries"]:
        info = entry["info"]
        settings = {"algorithm": info["algo"], "digits": info["digits"], "period": info.get("period", 30)}
        yield account(
            entry["issuer"],
            entry["name"],
            entry["type"],
            base32(info["secret"]),
            counter=info.get("counter", 0),
            pin=info.get("pin", ""),
            tags=[names[group] for group in entry["groups"]],
            note=entry["note"],
            pinned=entry["favorite"],
            **settings,
        )


def opened(file, password):
    from nacl.bindings import crypto_aead_aes256gcm_decrypt as gcm

    def sealed(key, params, text):
        return gcm(text + bytes.fromhex(params["tag"]), None, bytes.fromhex(params["nonce"]), key)

    (slot,) = (slot for slot in file["header"]["slots"] if slot["type"] == 1)
    salt = bytes.fromhex(slot["salt"])
    key = hashlib.scrypt(password.encode(), salt=salt, n=slot["n"], r=slot["r"], p=slot["p"], dklen=32, maxmem=1 << 27)
    master = sealed(key, slot["key_params"], bytes.fromhex(slot["key"]))
    return json.loads(sealed(master, file["header"]["params"], base64.b64decode(file["db"], validate=True)))


def two_fas(file):
    assert file["schemaVersion"] == 4
    groups = {group["id"]: group["name"] for group in file["groups"]}
    for service in sorted(file["services"], key=lambda service: service["order"]["position"]):
        otp = service["otp"]
        settings = {"algorithm": otp["algorithm"], "digits": otp["digits"], "period": otp.get("period", 30)}
        tags = [groups[service["groupId"]]] if "groupId" in service else []
        kind = otp["tokenType"].lower()
        yield account(service["name"], otp["account"], kind, base32(service["secret"]), counter=otp.get("counter", 0), tags=tags, **settings)


def fields(message):
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        tag = varint()
        if tag & 7 == 2:
            length = varint()
            yield tag >> 3, message[at : at + length]
            at += length
        else:
            assert tag & 7 == 0
            yield tag >> 3, varint()


def google(lines):
    parts = {}
    for line in lines:
        query = urllib.parse.urlsplit(line).query
        payload = list(fields(base64.b64decode(urllib.parse.unquote(query.removeprefix("data=")), validate=True)))
        parts[dict(payload).get(4, 0)] = payload
    assert sorted(parts) == list(range(dict(parts[0])[3])), "a part is missing"
    for _, payload in sorted(parts.items()):
        for number, message in payload:
            if number == 1:
                entry = dict(fields(message))
                issuer, label = entry.get(3, b"").decode(), entry[2].decode()
                name = label.removeprefix(f"{issuer}:")
                algorithm = {1: "SHA1", 2: "SHA256", 3: "SHA512"}[entry[4]]
                yield account(issuer, name, {1: "hotp", 2: "totp"}[entry[6]], entry[1], algorithm, {1: 6, 2: 8}[entry[5]], counter=entry.get(7, 0))


def links(lines):
    for line in lines:
        uri = urllib.parse.urlsplit(line)
        query = {name: value for name, (value,) in urllib.parse.parse_qs(uri.query, strict_parsing=True).items()}
        if uri.scheme == "motp":
            issuer, _, name = urllib.parse.unquote(uri.netloc + uri.path).partition(":")
            yield account(issuer, name, "motp", bytes.fromhex(query["secret"]), pin=query["pin"])
            continue
        assert uri.scheme == "otpauth", "not an address"
        issuer, _, name = urllib.parse.unquote(uri.path.removeprefix("/")).rpartition(":")
        assert query.get("issuer", "") == issuer
        settings = {"algorithm": query.get("algorithm", "SHA1"), "digits": int(query.get("digits", 6))}
        settings |= {"period": int(query.get("period", 30)), "counter": int(query.get("counter", 0))}
        kind = {"yaotp": "yandex"}.get(uri.netloc, uri.netloc)
        yield account(issuer, name, kind, base32(query["secret"]), pin=query.get("pin", ""), **settings)


def series(lines):
    """The sealed vault in the texts of its QR codes, in any order: PORTCULLIS1:VAULT:NUMBER:COUNT:HASH:BASE32."""
    heads, parts = set(), {}
    for line in lines:
        scheme, vault, number, count, digest, data = line.split(":")
        assert scheme == "PORTCULLIS1" and len(vault) == 8
        heads.add((vault, count, digest))
        parts[int(number)] = base32(data)
    ((_, count, digest),) = heads
    whole = b"".join(parts[number] for number in range(1, int(count) + 1))
    assert hashlib.sha256(whole).hexdigest()[:16].upper() == digest
    yield base64.b64encode(whole).decode()


def armoured(lines):
    """The sealed vault in a text file: a first line for people, then base64."""
    first, *rest = lines
    assert first.startswith("Portcullis vault, encrypted. Open it at ")
    yield base64.b64encode(base64.b64decode("".join(rest), validate=True)).decode()


def main(form, password=None):
    text = sys.stdin.buffer.read().decode()
    lines = [line for line in text.split("\n") if line]
    readers = {
        "aegis": lambda: aegis(json.loads(text)["db"]),
        "aegis-encrypted": lambda: aegis(opened(json.loads(text), password)),
        "2fas": lambda: two_fas(json.loads(text)),
        "google": lambda: google(lines),
        "links": lambda: links(lines),
        "series": lambda: series(lines),
        "text": lambda: armoured(lines),
    }
    print(json.dumps(list(readers[form]())))


if __name__ == "__main__":
    main(*sys.argv[1:])
