"""Checks the gate's signed assertion (`X-Portcullis-Assertion`) before a WSGI app, Django too.

    # wsgi.py
    application = PortcullisAssertion(get_wsgi_application(), "https://app.example.org", "app.example.org")

One file to copy; it needs the package `cryptography`. Each refusal is a 403 with one of the codes below; nothing of the
request is in it.
"""

import base64
import json
import re
import threading
import time
import urllib.request
from urllib.parse import unquote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

MAX_LENGTH = 8192
LEEWAY_SECS = 60  # clocks differ
RETRY_SECS = 60  # between two requests for the keys, so that made-up key ids cost nothing
REFRESH_SECS = 300  # a withdrawn key is no longer taken after this
KEEP_SECS = 3600  # unless the gate cannot be asked, then after this

_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_PART = re.compile(r"[A-Za-z0-9_-]*")


class Refused(Exception):
    """Why an assertion is not taken: `ASSERTION_MISSING`, `_MALFORMED`, `_ALGORITHM`, `_KEY`, `_SIGNATURE`, `_ISSUER`,
    `_AUDIENCE`, `_TIME` or `_SUBJECT`."""


def _decode(part):
    """Base64url without padding (RFC 7515 section 2), and only as an encoder writes it."""
    if not _PART.fullmatch(part) or len(part) % 4 == 1:
        raise ValueError
    data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=") != part.encode():
        raise ValueError
    return data


def _flat(data):
    """A JSON object of strings, whole numbers, words and lists of strings, in which no name stands twice."""
    if data.count(b"[") + data.count(b"{") > 64:
        raise ValueError  # depth is Python's own stack

    def pairs(found):
        if len({name for name, _ in found}) != len(found):
            raise ValueError
        return dict(found)

    def number(text):
        if len(text.lstrip("-")) > 15:
            raise ValueError
        return int(text)

    def refuse(_):
        raise ValueError

    found = json.loads(data.decode("utf-8"), object_pairs_hook=pairs, parse_int=number, parse_float=refuse, parse_constant=refuse)
    if not isinstance(found, dict):
        raise ValueError
    for name, value in found.items():
        for text in [name, *(value if isinstance(value, list) else [value])]:
            if isinstance(text, str):
                text.encode("utf-8")  # half of a surrogate pair is no text
            elif text is not value or not isinstance(text, (int, type(None))):
                raise ValueError
    return found


def _fetch(url):
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310: the address is the operator's
        return answer.read(65536)


class Keys:
    """The gate's public keys, kept in memory."""

    def __init__(self, url, fetch=_fetch, clock=time.time):
        self._url, self._fetch, self._clock = url, fetch, clock
        self._lock = threading.Lock()
        self._keys, self._fetched, self._tried = {}, float("-inf"), float("-inf")

    def get(self, kid):
        with self._lock:
            now = self._clock()
            stale = now - self._fetched >= REFRESH_SECS
            if (stale or kid not in self._keys) and now - self._tried >= RETRY_SECS:
                self._tried = now
                try:
                    self._keys, self._fetched = self._read(self._fetch(self._url)), now
                except Exception:  # noqa: BLE001: whatever it was, the keys of before stay
                    pass
            if now - self._fetched >= KEEP_SECS:
                self._keys = {}
            return self._keys.get(kid)

    @staticmethod
    def _read(text):
        keys = {}
        for jwk in json.loads(text)["keys"]:
            if (jwk.get("kty"), jwk.get("crv")) == ("EC", "P-256") and jwk.get("use", "sig") == "sig" and jwk.get("alg", "ES256") == "ES256":
                if jwk["kid"] in keys:
                    raise ValueError
                x, y = (int.from_bytes(_decode(jwk[name]), "big") for name in ("x", "y"))
                keys[jwk["kid"]] = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        return keys


class Verifier:
    """Verifies assertions of one issuer for one audience."""

    def __init__(self, issuer, audience, keys=None, clock=time.time):
        if not issuer or not audience:
            raise ValueError("the issuer (the site's public address) and the audience (the app's id in the policy) must be given")
        self._issuer, self._audience, self._clock = issuer, audience, clock
        self._keys = keys or Keys(issuer + "/.portcullis/jwks.json", clock=clock)

    def verify(self, text):
        """The claims; `sub` is the person. Raises `Refused`."""
        if not text:
            raise Refused("ASSERTION_MISSING")
        if len(text) > MAX_LENGTH or not _SHAPE.fullmatch(text):
            raise Refused("ASSERTION_MALFORMED")
        signed, _, signature = text.rpartition(".")
        head, _, body = signed.partition(".")
        try:
            header, payload, signature = _flat(_decode(head)), _decode(body), _decode(signature)
        except ValueError:
            raise Refused("ASSERTION_MALFORMED") from None
        if header.get("alg") != "ES256" or header.get("typ") != "JWT" or "crit" in header:
            raise Refused("ASSERTION_ALGORITHM")
        kid = header.get("kid")
        key = self._keys.get(kid) if isinstance(kid, str) else None
        if key is None:
            raise Refused("ASSERTION_KEY")
        if len(signature) != 64:
            raise Refused("ASSERTION_SIGNATURE")
        r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
        try:
            key.verify(encode_dss_signature(r, s), signed.encode(), ec.ECDSA(SHA256()))
        except InvalidSignature:
            raise Refused("ASSERTION_SIGNATURE") from None
        try:
            claims = _flat(payload)
        except ValueError:
            raise Refused("ASSERTION_MALFORMED") from None
        if claims.get("iss") != self._issuer:
            raise Refused("ASSERTION_ISSUER")
        if claims.get("aud") != self._audience:
            raise Refused("ASSERTION_AUDIENCE")
        times = [claims.get(name) for name in ("iat", "exp")]
        now = self._clock()
        if any(type(at) is not int for at in times) or times[0] > now + LEEWAY_SECS or times[1] <= now - LEEWAY_SECS:
            raise Refused("ASSERTION_TIME")
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject or re.search(r"[\x00-\x1f\x7f]", subject):
            raise Refused("ASSERTION_SUBJECT")
        return claims


class PortcullisAssertion:
    """WSGI middleware: `REMOTE_USER` is the person of the assertion, and nothing else ever is.

    `Remote-*` headers stay only beside a `Remote-User` that is the same person. With `required=False` a request without an
    assertion goes on without a person: for apps with public pages.
    """

    def __init__(self, app, issuer, audience, *, required=True, keys=None, clock=time.time):
        self._app, self._required = app, required
        self._verifier = Verifier(issuer, audience, keys, clock)

    def __call__(self, environ, start_response):
        # WSGI joins a header that came twice with a comma, which no assertion has.
        text = environ.get("HTTP_X_PORTCULLIS_ASSERTION")
        environ.pop("REMOTE_USER", None)
        user = None
        if text is not None or self._required:
            try:
                user = self._verifier.verify(text)["sub"]
            except Refused as refused:
                body = f"{refused}\n".encode()
                start_response("403 Forbidden", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")])
                return [body]
        if user is None or unquote(environ.get("HTTP_REMOTE_USER", ""), errors="replace") != user:
            for name in [name for name in environ if name.startswith("HTTP_REMOTE_")]:
                del environ[name]
        if user is not None:
            environ["REMOTE_USER"] = user
        return self._app(environ, start_response)
