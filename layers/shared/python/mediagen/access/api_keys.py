"""API keys: `vsl_<env>_<32 random base62><6 check characters>`. Only the SHA-256 is ever stored."""

import hashlib
import re
import secrets
import zlib
from collections.abc import Callable, Mapping

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANDOM_LENGTH = 32  # 190 bits: too many to guess, so a plain hash is enough
MAX_LENGTH = 200  # characters of the header that are parsed
_CHECK_LENGTH = 6  # CRC-32 in base62, so that a mistyped key is refused without asking the database
_FORM = re.compile(rf"vsl_[a-z][a-z0-9]*_[0-9A-Za-z]{{{_RANDOM_LENGTH + _CHECK_LENGTH}}}")


def new_key(prefix: str, choose: Callable[[str], str] = secrets.choice) -> str:
    """Generate a key. `prefix` is `vsl_<env>`."""
    body = f"{prefix}_" + "".join(choose(_ALPHABET) for _ in range(_RANDOM_LENGTH))
    return body + _check(body)


def bearer_token(headers: Mapping[str, str]) -> str:
    """Return the token of `Authorization: Bearer …`, or an empty string if it is missing or absurdly long."""
    given = {name.lower(): value for name, value in headers.items()}
    scheme, _, token = str(given.get("authorization", "")).partition(" ")
    return token.strip() if scheme.lower() == "bearer" and len(token) <= MAX_LENGTH else ""


def is_well_formed(key: str) -> bool:
    """Return whether a text has the form of a key and its check characters match. Says nothing about its validity."""
    return bool(_FORM.fullmatch(key)) and key[-_CHECK_LENGTH:] == _check(key[:-_CHECK_LENGTH])


def hash_key(key: str) -> bytes:
    """Hash a key for storage and lookup (32 bytes)."""
    return hashlib.sha256(key.encode()).digest()


def _check(body: str) -> str:
    rest, characters = zlib.crc32(body.encode()), ""
    for _ in range(_CHECK_LENGTH):
        rest, digit = divmod(rest, len(_ALPHABET))
        characters = _ALPHABET[digit] + characters
    return characters
