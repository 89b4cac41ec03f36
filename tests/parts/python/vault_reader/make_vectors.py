"""Makes tests/vectors/vault/*.json from FORMAT.md with PyNaCl, so that the core is held against files that it did not write.

    make_vectors.py FOLDER      (fixed keys and nonces: the same files each time; run only when the format grows)
"""

import base64
import hashlib
import json
import pathlib
import struct
import sys

from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as aead_seal

from read import ALPHABET, RECOVERY, passkey_key, stretch

PASSPHRASE, SALT = "correct horse battery staple", bytes(range(16))
PARAMS = struct.pack("<II16s", 19456, 2, SALT)
DEVICE, PAPER, MASTER = bytes([0xD0] * 32), bytes(range(0xA0, 0xB0)), bytes([0x3E] * 32)
PRF, VAULT = bytes([0x9F] * 32), bytes(range(0xC0, 0xD0))
PASSKEY = bytes(range(0x20, 0x40)) + struct.pack("<H", 5) + b"\x01\x02\x03\x04\x05" + b"codes.example.org"
NOW = 1_795_000_000_000


def printed(key):
    check = int.from_bytes(hashlib.sha256(RECOVERY + b"/check" + key).digest()[:2], "big") >> 4
    bits = int.from_bytes(key, "big") << 12 | check
    values = [bits >> (135 - 5 * i) & 31 for i in range(28)]
    groups = []
    for index in range(7):
        group = values[index * 4 : index * 4 + 4]
        group.append(hashlib.sha256(RECOVERY + b"/group" + bytes([index] + group)).digest()[0] >> 3)
        groups.append("".join(ALPHABET[v] for v in group))
    return "-".join(groups)


def slot(kind, number, key, params=b"", master=MASTER):
    head = bytes([kind, 0]) + struct.pack("<H", len(params)) + bytes([number] * 8) + params
    nonce = bytes([0x50 + number] * 24)
    return head + nonce + aead_seal(master, b"portcullis/vault/slot/v1" + head, nonce, key)


def entry(number, account, **more):
    base = {"id": f"{number:032x}", "account": account, "note": "", "tags": [], "icon": "", "pinned": False}
    return base | {"addedMs": NOW, "changedMs": NOW} | more


def account(kind="totp", **fields):
    base = {"kind": kind, "secret": "JBSWY3DPEHPK3PXP", "issuer": "Example", "name": "ann", "algorithm": "SHA1", "digits": 6}
    return base | ({} if kind == "hotp" else {"periodSecs": 30}) | fields


ENTRIES = [
    entry(1, account()),
    entry(2, account("hotp", counter=7), pinned=True, note="Büro\nzweite Zeile", tags=["work"], icon="key"),
    entry(3, account("steam", digits=5), trashedMs=NOW + 1),
    entry(4, account("motp", secret="e3152afee62599c8", pin="1234", periodSecs=10)),
    entry(5, account("yandex", secret="6SB2IKNM6OBZPAVBVTOHDKS4FAAAAAAADFUTQMBTRY", pin="5239", algorithm="SHA256", digits=8)),
    entry(6, account(algorithm="SHA512", digits=8, periodSecs=60, issuer="", name="日本語 🔑")),
]
SLOTS = [(1, 1), (2, 2), (3, 3)]


def content(entries=ENTRIES, slots=SLOTS, version=1, **more):
    slots = [{"id": bytes([number] * 8).hex(), "addedMs": NOW} for _, number in slots]
    return {"version": version, "slots": slots, "entries": entries} | more


def content2(entries=ENTRIES, slots=SLOTS, version=2, needs=2, **more):
    inner = content(entries, slots, version)
    own = {"needs": needs, "vaultId": VAULT.hex(), "tags": ["empty", "work"], "deleted": [], "backups": []}
    return {key: value for key, value in (inner | own | more).items() if value is not None}


def of_a_later_version():
    """Content of version 3 that version 2 may open: something unknown in every object."""
    later = {"later": {"deep": [1, True, None, "text", {"list": []}]}}
    entries = [row | later | {"account": row["account"] | later, "uses": 3} for row in ENTRIES]
    inner = content2(entries, SLOTS + [(4, 4), (9, 9)], version=3, settings={"sort": "used"}, inbox=later, remindedMs=NOW)
    for slot in inner["slots"]:
        slot |= later | {"label": "phone"}
    marks = [f"{1:032x}-0011223344556677"]
    inner["backups"] = [{"place": "folder", "ms": NOW, "marks": marks} | later]
    inner["deleted"] = [{"id": f"{77:032x}", "ms": NOW} | later]
    return inner | later


def file2(body=None, slots=None, **more):
    """A file of format 2, with a device slot alone unless others are given."""
    if slots is None:
        slots = [slot(3, 3, DEVICE)]
        body = content2(slots=[(3, 3)]) if body is None else body
    return file(body, slots, version=2, **more)


def four_slots():
    recovery = hashlib.sha256(RECOVERY + PAPER).digest()
    known = [slot(1, 1, stretch(PASSPHRASE, PARAMS), PARAMS), slot(2, 2, recovery), slot(3, 3, DEVICE)]
    return known + [slot(4, 4, passkey_key(PRF, bytes([4] * 8)), PASSKEY)]


def padded(text):
    length = len(text) + 4
    step = max(4096, (1 << (length - 1).bit_length()) // 8)
    return (struct.pack("<I", len(text)) + text).ljust(-(-length // step) * step, b"\0")


def file(body=None, slots=None, version=1, zero=0, length=None, generation=9, count=None, aad=b"portcullis/vault/body/v1", tail=b"", plain=None):
    passphrase = stretch(PASSPHRASE, PARAMS)
    recovery = hashlib.sha256(RECOVERY + PAPER).digest()
    slots = [slot(1, 1, passphrase, PARAMS), slot(2, 2, recovery), slot(3, 3, DEVICE)] if slots is None else slots
    text = json.dumps(content() if body is None else body, ensure_ascii=False).encode()
    plain = padded(text) if plain is None else plain
    count = len(slots) if count is None else count
    length = len(plain) + 16 if length is None else length
    header = b"PTCVAULT" + struct.pack("<BBHIQ", version, count, zero, length, generation) + b"".join(slots)
    nonce = bytes([0x77] * 24)
    return summed(header + nonce + aead_seal(plain, aad + header, nonce, MASTER) + tail)


def summed(data):
    return data + hashlib.sha256(data).digest()


def flipped(data, at, resum=False):
    data = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    return summed(data[:-32]) if resum else data


def rows():
    good, device, own = file(), {"deviceKey": DEVICE.hex()}, {"passphrase": PASSPHRASE}
    header = 24 + (12 + 24 + 72) + 84 + 84
    yield "opens with the passphrase", good, own, ENTRIES
    yield "opens with the recovery key", good, {"recoveryKey": printed(PAPER)}, ENTRIES
    yield "opens with the device key", good, device, ENTRIES
    yield "an empty vault", file(content([])), device, []
    many = [entry(1000 + i, account(name=f"account {i}")) for i in range(40)]
    yield "long enough for a second step of padding", file(content(many)), device, many

    def no(name, data, code, why, given=device):
        return name, data, given, (code, why)

    yield no("nothing", b"", "VAULT_NOT_A_VAULT", "an empty file")
    yield no("some other file", b"PK\x03\x04" + bytes(100), "VAULT_NOT_A_VAULT", "another magic")
    yield no("cut inside the magic", good[:5], "VAULT_DAMAGED", "it began as a vault")
    yield no("cut inside the header", good[:30], "VAULT_DAMAGED", "the checksum is gone")
    yield no("cut inside the body", good[:-500], "VAULT_DAMAGED", "the checksum is gone")
    yield no("one byte short", good[:-1], "VAULT_DAMAGED", "the checksum is cut")
    yield no("one byte more", good + b"\n", "VAULT_DAMAGED", "an editor added a line end")
    regions = {"the version": 8, "the count of slots": 9, "the zeros": 10, "the length": 12, "the generation": 16}
    regions |= {"a slot's kind": 24, "a slot's id": 28, "the cost": 36, "the salt": 44, "a slot's nonce": 60}
    regions |= {"a wrapped key": 84, "the body's nonce": header, "the body": header + 24, "the tag": len(good) - 33, "the checksum": len(good) - 1}
    for name, at in regions.items():
        yield no(f"a bit of {name} flipped by accident", flipped(good, at), "VAULT_DAMAGED", "the checksum says so")
    last = header - 84
    forged = {
        "the version": (8, "VAULT_TAMPERED", "there is no version 0"),
        "the count of slots": (9, "VAULT_TAMPERED", "the slots end elsewhere"),
        "the zeros": (10, "VAULT_TAMPERED", "they are zero"),
        "the length": (12, "VAULT_TAMPERED", "the body is as long as it is"),
        "the generation": (16, "VAULT_TAMPERED", "the body authenticates the header"),
        "another slot's kind": (24, "VAULT_TAMPERED", "no kind has number 0"),
        "another slot's id": (28, "VAULT_TAMPERED", "the body authenticates every slot"),
        "another slot's cost": (36, "VAULT_TAMPERED", "the body authenticates every slot"),
        "another slot's salt": (44, "VAULT_TAMPERED", "the body authenticates every slot"),
        "another slot's nonce": (60, "VAULT_TAMPERED", "the body authenticates every slot"),
        "another slot's wrapped key": (84, "VAULT_TAMPERED", "the body authenticates every slot"),
        "this slot's id": (last + 4, "VAULT_WRONG_KEY", "the wrapping authenticates its slot"),
        "this slot's nonce": (last + 12, "VAULT_WRONG_KEY", "the wrapping authenticates its slot"),
        "this slot's wrapped key": (last + 36, "VAULT_WRONG_KEY", "the wrapping authenticates the key"),
        "the body's nonce": (header, "VAULT_TAMPERED", "the body is authenticated"),
        "the body": (header + 24, "VAULT_TAMPERED", "the body is authenticated"),
        "the tag": (len(good) - 33, "VAULT_TAMPERED", "the body is authenticated"),
    }
    for name, (at, code, why) in forged.items():
        yield no(f"a bit of {name} flipped, and the checksum made right", flipped(good, at, resum=True), code, why)
    yield no("a passphrase slot made cheap", flipped(good, 40, resum=True), "VAULT_WRONG_KEY", "another cost is another key", own)
    yield no("a newer version", file(version=3), "VAULT_TOO_NEW", "this reader knows versions 1 and 2")
    yield no("a slot of a kind to come", file(slots=[slot(4, 4, DEVICE), slot(3, 3, DEVICE)]), "VAULT_TOO_NEW", "version 1 has three kinds")
    yield no("no slots", file(slots=[]), "VAULT_TAMPERED", "no writer makes it")
    yield no("seventeen slots", file(slots=[slot(3, n, DEVICE) for n in range(17)]), "VAULT_TAMPERED", "16 at most")
    yield no("bytes behind the body", file(tail=b"x"), "VAULT_TAMPERED", "the length says where the body ends")
    yield no("the wrong passphrase", good, "VAULT_WRONG_KEY", "one letter", {"passphrase": PASSPHRASE.title()})
    yield no("the wrong device key", good, "VAULT_WRONG_KEY", "another device", {"deviceKey": "00" * 32})
    yield no("another vault's recovery key", good, "VAULT_WRONG_KEY", "it is well formed", {"recoveryKey": printed(bytes(16))})
    yield no("no slot of that kind", file(slots=[slot(3, 3, DEVICE)], body=content(slots=[(3, 3)])), "VAULT_NO_SLOT", "a device slot only", own)
    for name, memory, passes, code in (
        ("19 MiB less one KiB", 19455, 2, "VAULT_KDF_TOO_WEAK"),
        ("one pass", 65536, 1, "VAULT_KDF_TOO_WEAK"),
        ("more than 1 GiB", (1 << 20) + 1, 2, "VAULT_KDF_TOO_COSTLY"),
        ("all that a number can say", 0xFFFFFFFF, 0xFFFFFFFF, "VAULT_KDF_TOO_COSTLY"),
    ):
        params = struct.pack("<II16s", memory, passes, SALT)
        data = file(slots=[slot(1, 1, DEVICE, params)], body=content(slots=[(1, 1)]))
        yield no(f"a passphrase that costs {name}", data, code, "refused before any work", own)
    other = file(slots=[slot(3, 3, DEVICE, master=bytes(32))], body=content(slots=[(3, 3)]))
    yield no("a slot of another vault", other, "VAULT_TAMPERED", "it opens, and its key opens nothing")
    yield no("a body sealed for another purpose", file(aad=b"portcullis/vault/slot/v1"), "VAULT_TAMPERED", "the purpose is authenticated")
    yield no("content of a version to come", file(content(version=2)), "VAULT_TOO_NEW", "this reader knows version 1")
    yield from rows2(no)
    yield no("content that is no JSON", file(plain=padded(b"{")), "VAULT_BAD_CONTENT", "cut")
    yield no("content longer than its room", file(plain=b"\xff" * 4096), "VAULT_BAD_CONTENT", "the length lies")
    yield no("content without the slot it was opened with", file(content(slots=SLOTS[:2])), "VAULT_BAD_CONTENT", "header and content disagree")


def rows2(no):
    ways = {"the passphrase": {"passphrase": PASSPHRASE}, "the recovery key": {"recoveryKey": printed(PAPER)}, "the device key": {"deviceKey": DEVICE.hex()}}
    ways |= {"the passkey": {"passkeyPrf": PRF.hex()}}
    good = file2(content2(slots=SLOTS + [(4, 4)]), four_slots())
    for name, given in ways.items():
        yield f"format 2: opens with {name}", good, given, ENTRIES
    later = of_a_later_version()
    kept = file2(later, four_slots() + [slot(9, 9, DEVICE, b"what a later version needs")])
    for name in ("the device key", "the passkey"):
        yield f"format 2: what a later version wrote is left alone, with {name}", kept, ways[name], later["entries"]
    restored = [ENTRIES[1] | {"restoredMs": NOW, "source": '{"kind":"otp of another app"}'}]
    yield "format 2: a restored counter and the words of another app", file2(content2(restored, [(3, 3)])), ways["the device key"], restored
    yield no("format 2: another passkey", good, "VAULT_WRONG_KEY", "another secret of the authenticator", {"passkeyPrf": "00" * 32})
    yield no("format 2: content that needs a version to come", file2(content2(slots=[(3, 3)], version=3, needs=3)), "VAULT_TOO_NEW", "its writer says so")
    yield no("format 2: content of version 1", file2(content(slots=[(3, 3)])), "VAULT_BAD_CONTENT", "no writer makes it")
    yield no("format 2: content that needs more than it is", file2(content2(slots=[(3, 3)], version=2, needs=3)), "VAULT_TOO_NEW", "what it needs counts")
    for key in ("needs", "vaultId"):
        yield no(f"format 2: content without {key}", file2(content2(slots=[(3, 3)], **{key: None})), "VAULT_BAD_CONTENT", "every writer writes it")
    for name, number in (("a fraction", 1.5), ("a number below zero", -1)):
        yield no(f"format 2: {name} where nobody knows what it is", file2(content2(slots=[(3, 3)], later=number)), "VAULT_BAD_CONTENT", "all numbers are whole")
    broken = {"no credential": PASSKEY[:32] + b"\0\0codes.example.org", "a credential longer than the slot": PASSKEY[:32] + b"\xff\xffx"}
    broken |= {"a credential of 1024 bytes": PASSKEY[:32] + struct.pack("<H", 1024) + bytes(1024) + b"a", "no host": PASSKEY[:39], "a host that is no text": PASSKEY[:39] + b"\xff"}
    for name, params in broken.items():
        data = file2(content2(slots=[(4, 4), (3, 3)]), [slot(4, 4, PRF, params), slot(3, 3, DEVICE)])
        yield no(f"format 2: a passkey slot with {name}", data, "VAULT_TAMPERED", "no writer makes it")
    yield no("format 2: a device slot with parameters", file2(content2(slots=[(3, 3)]), [slot(3, 3, DEVICE, b"x")]), "VAULT_TAMPERED", "it has none")
    yield no("format 2: a slot of kind 0", file2(content2(slots=[(0, 7), (3, 3)]), [slot(0, 7, DEVICE), slot(3, 3, DEVICE)]), "VAULT_TAMPERED", "there is no kind 0")
    yield no("format 2: only a slot of a kind to come", file2(content2(slots=[(9, 9)]), [slot(9, 9, DEVICE)]), "VAULT_NO_SLOT", "it is never offered")


def recovery_rows():
    text = printed(PAPER)
    key = hashlib.sha256(RECOVERY + PAPER).hexdigest()
    right = {"as printed": text, "small letters": text.lower(), "no hyphens": text.replace("-", ""), "spaces": text.replace("-", "  ")}
    right |= {"O for 0, l for 1": text.replace("0", "O").replace("1", "l"), "long dashes": text.replace("-", "—")}
    for name, typed in right.items():
        yield {"name": name, "typed": typed, "slotKey": key}
    zeros = printed(bytes(16))
    yield {"name": "all zeros", "typed": zeros, "slotKey": hashlib.sha256(RECOVERY + bytes(16)).hexdigest()}
    groups = text.split("-")
    swapped = "-".join([groups[1], groups[0], *groups[2:]])
    yield {"name": "two groups swapped", "typed": swapped, "refuse": "VAULT_RECOVERY_KEY_TYPO", "why": "a group knows its place", "group": 1}
    wrong = "-".join([*groups[:3], "UUUUU", *groups[4:]])
    yield {"name": "a letter that is in none", "typed": wrong, "refuse": "VAULT_RECOVERY_KEY_TYPO", "why": "no U", "group": 4}
    mixed = "-".join([*groups[:6], zeros.split("-")[6]])
    yield {"name": "the last group of another key", "typed": mixed, "refuse": "VAULT_RECOVERY_KEY_TYPO", "why": "the whole is checked too", "group": 7}
    yield {"name": "a group short", "typed": text[:-6], "refuse": "VAULT_RECOVERY_KEY_LENGTH", "why": "six groups"}
    yield {"name": "nothing", "typed": "", "refuse": "VAULT_RECOVERY_KEY_LENGTH", "why": "empty"}
    yield {"name": "a letter more", "typed": text + "0", "refuse": "VAULT_RECOVERY_KEY_LENGTH", "why": "36 letters"}


def stretch_rows():
    rows = [
        ("the least cost", PASSPHRASE, 19456, 2),
        ("more of both", PASSPHRASE, 32768, 3),
        ("letters outside ASCII", "Grüße 🔑", 19456, 2),
        ("an empty passphrase", "", 19456, 2),
    ]
    for name, passphrase, memory, passes in rows:
        params = struct.pack("<II16s", memory, passes, SALT)
        yield {"name": name, "passphrase": passphrase, "salt": SALT.hex(), "memoryKib": memory, "passes": passes, "key": stretch(passphrase, params).hex()}
    for name, memory, passes, code in (("too little memory", 19455, 2, "VAULT_KDF_TOO_WEAK"), ("one pass", 19456, 1, "VAULT_KDF_TOO_WEAK"), ("2 GiB", 1 << 21, 2, "VAULT_KDF_TOO_COSTLY")):
        yield {"name": name, "passphrase": PASSPHRASE, "salt": SALT.hex(), "memoryKib": memory, "passes": passes, "refuse": code, "why": "before any work"}


def write(folder, name, rows):
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
    (pathlib.Path(folder) / name).write_text(f"[\n{lines}\n]\n")


def open_rows():
    for name, data, given, end in rows():
        row = {"name": name, "file": base64.b64encode(data).decode(), "given": given}
        yield row | ({"expect": {"entries": end}} if isinstance(end, list) else {"refuse": end[0], "why": end[1]})


if __name__ == "__main__":
    write(sys.argv[1], "open.json", open_rows())
    write(sys.argv[1], "recovery.json", recovery_rows())
    write(sys.argv[1], "stretch.json", stretch_rows())
