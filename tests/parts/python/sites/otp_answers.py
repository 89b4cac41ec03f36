"""Codes from PyOTP, to compare with: reads JSON lines, each an account and a time, and writes one code for each line.

{"kind": "totp", "secret": BASE32, "algorithm": "SHA1", "digits": 6, "periodSecs": 30, "nowMs": 59000}
{"kind": "hotp", "secret": BASE32, "algorithm": "SHA1", "digits": 6, "counter": 0}
{"kind": "uri", "uri": "otpauth://...", "nowMs": 59000}
"""

import datetime
import hashlib
import json
import sys

import pyotp

# PyOTP can compute a code for any settings, but its constructor accepts only those that NIST recommends today (112 bits, 6 digits,
# 120 seconds). So the length check is switched off here, and digits and period are set afterwards.
pyotp.OTP.min_secret_length_bits = 0
DIGESTS = {"SHA1": hashlib.sha1, "SHA256": hashlib.sha256, "SHA512": hashlib.sha512}


def moment(row):
    # With a time zone: PyOTP takes a time without one as local time.
    return datetime.datetime.fromtimestamp(row["nowMs"] // 1000, datetime.timezone.utc)


def answer(row):
    if row["kind"] == "uri":
        return pyotp.parse_uri(row["uri"]).at(moment(row))
    kind = pyotp.HOTP if row["kind"] == "hotp" else pyotp.TOTP
    otp = kind(row["secret"], digest=DIGESTS[row["algorithm"]])
    otp.digits = row["digits"]
    if row["kind"] == "hotp":
        return otp.at(row["counter"])
    otp.interval = row["periodSecs"]
    return otp.at(moment(row))


for line in sys.stdin:
    print(answer(json.loads(line)))
