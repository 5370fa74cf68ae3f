"""The caller of a request, as an HTTP API reports it (payload format 2.0).

With API keys the authorizer returns `userId`, empty for an unknown key, and `slowedUntil` (epoch seconds) for an
address that sent too many of them. With tokens the gateway verifies the token and passes its claims on.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# The UUIDv5 namespace of token users. It must never change, because their jobs refer to these ids.
_NAMESPACE = "5c1b7f0e-6d0a-4f57-9b1e-3a3c8f2f6d41"


@dataclass(frozen=True, slots=True)
class TokenUser:
    """The user that a token names by issuer and subject. The same two always give the same id."""

    issuer: str
    subject: str

    @property
    def id(self) -> str:
        """Return the user's id, a UUIDv5. An issuer is a URL without spaces, so the hashed name is unambiguous."""
        from uuid import UUID, uuid5

        return str(uuid5(UUID(_NAMESPACE), f"{self.issuer} {self.subject}"))


def token_user(context: Mapping[str, Any]) -> TokenUser | None:
    """Return the user of a verified token. None if there is no token, or if it names no user."""
    claims = _authorizer(context, "jwt").get("claims") or {}
    issuer, subject = str(claims.get("iss") or ""), str(claims.get("sub") or "")
    return TokenUser(issuer, subject) if issuer and subject else None


def user_id(context: Mapping[str, Any]) -> str:
    """Return the user of the API key or the token, or an empty string."""
    named = token_user(context)
    return named.id if named else str(_authorizer(context, "lambda").get("userId") or "")


def rate_per_hour(context: Mapping[str, Any]) -> int | None:
    """Return the user's own hourly limit, if an operator set one. A token does not carry it."""
    rate = _authorizer(context, "lambda").get("ratePerHour")
    return int(rate) if rate else None


def slowed_seconds(context: Mapping[str, Any]) -> int:
    """Return for how many seconds the authorizer looks up no key from this address; usually 0."""
    until = str(_authorizer(context, "lambda").get("slowedUntil") or "")
    return max(1, int(until) - int(context.get("timeEpoch") or 0) // 1000) if until else 0


def source(context: Mapping[str, Any]) -> str:
    """Return the source of a request: an IPv4 address, or the /64 of an IPv6 address, which one customer holds.

    This is the address that connected to AWS. `X-Forwarded-For` is not read, because a client can write anything there.
    """
    address = str((context.get("http") or {}).get("sourceIp") or "")
    if ":" not in address:
        return address
    from ipaddress import IPv6Address, IPv6Network  # 2 ms, and most addresses are IPv4

    parsed = IPv6Address(address)
    return str(parsed.ipv4_mapped or IPv6Network((int(parsed) >> 64 << 64, 64)))


def _authorizer(context: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    return (context.get("authorizer") or {}).get(kind) or {}
