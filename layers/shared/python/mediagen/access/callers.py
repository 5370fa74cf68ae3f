"""Who sends a request, and from where: what an HTTP API tells of it (payload format 2.0).

With API keys the authorizer answers `userId`, empty for a wrong key, and `slowedUntil` (epoch seconds) for an address
that has sent too many of them. With tokens the gateway itself has verified them and hands their claims on.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Whose names the ids of token users are made from. It never changes: their jobs hang on it.
_NAMESPACE = "5c1b7f0e-6d0a-4f57-9b1e-3a3c8f2f6d41"


@dataclass(frozen=True, slots=True)
class TokenUser:
    """A user whom a token names: by its issuer, and there by its subject. The same two are always the same id."""

    issuer: str
    subject: str

    @property
    def id(self) -> str:
        """Return the user's id, a UUIDv5; an issuer is a URL and has no space, so the name is unambiguous."""
        from uuid import UUID, uuid5

        return str(uuid5(UUID(_NAMESPACE), f"{self.issuer} {self.subject}"))


def token_user(context: Mapping[str, Any]) -> TokenUser | None:
    """Read whom a verified token names; None where there is no token, or it names nobody."""
    claims = _authorizer(context, "jwt").get("claims") or {}
    issuer, subject = str(claims.get("iss") or ""), str(claims.get("sub") or "")
    return TokenUser(issuer, subject) if issuer and subject else None


def user_id(context: Mapping[str, Any]) -> str:
    """Return the user the API key or the token names; empty where it names nobody."""
    named = token_user(context)
    return named.id if named else str(_authorizer(context, "lambda").get("userId") or "")


def rate_per_hour(context: Mapping[str, Any]) -> int | None:
    """Return the user's own rate, where the operator has set one; a token does not tell it."""
    rate = _authorizer(context, "lambda").get("ratePerHour")
    return int(rate) if rate else None


def slowed_seconds(context: Mapping[str, Any]) -> int:
    """Return for how long the authorizer's answer holds that nobody from this address is looked up; usually 0."""
    until = str(_authorizer(context, "lambda").get("slowedUntil") or "")
    return max(1, int(until) - int(context.get("timeEpoch") or 0) // 1000) if until else 0


def source(context: Mapping[str, Any]) -> str:
    """Return where a request comes from: an IPv4 address, or the /64 of an IPv6 address, which one customer has.

    It is the address that AWS was connected from. `X-Forwarded-For` is not read: who sends it writes what they like.
    """
    address = str((context.get("http") or {}).get("sourceIp") or "")
    if ":" not in address:
        return address
    from ipaddress import IPv6Address, IPv6Network  # 2 ms, and most addresses are IPv4

    parsed = IPv6Address(address)
    return str(parsed.ipv4_mapped or IPv6Network((int(parsed) >> 64 << 64, 64)))


def _authorizer(context: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    return (context.get("authorizer") or {}).get(kind) or {}
