"""What a database's URL says: where PostgreSQL is, as whom to log in, and whom to trust.

`postgresql://user@host[:port]/name?iam=true`      with an IAM token of its own for each connection
`postgresql://user@host[:port]/name?secret=<id>`   as the login that is in the secret when it connects (RDS rotates it)
`postgresql://user:password@host[:port]/name`      elsewhere
Besides, `sslrootcert=<file>` trusts the roots in a PEM file instead of the system's, and `sslmode=disable` is the one
way around TLS. Nothing else is understood.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from mediagen.aws.secrets import LoginSecret
from mediagen.aws.settings import Aws
from mediagen.aws.tokens import UrlRefused, database_token, iam_option, port_of, single_option

_OPTIONS = {"iam", "secret", "sslmode", "sslrootcert"}


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """A parsed URL. `secret` is an ARN or a name, `roots` the path of a PEM file."""

    host: str
    port: int
    name: str
    user: str
    password: str | None = field(repr=False)
    iam: bool
    secret: str | None
    over_tls: bool
    roots: str | None

    def login(self, signer: Callable[[], Aws]) -> tuple[str, str | None]:
        """Return user and password for one connection. Raises AwsError, LoginUnreadable."""
        if self.iam:
            return self.user, database_token(signer(), host=self.host, port=self.port, user=self.user)
        if self.secret:
            login = LoginSecret(signer(), self.secret).read()
            return login.user, login.password
        return self.user, self.password


def read_url(url: str) -> DatabaseUrl:
    """Parse a URL. Raises UrlRefused for a URL that cannot work or would expose a login."""
    parts = urlsplit(url)
    options = parse_qs(parts.query, keep_blank_values=True)
    if not options.keys() <= _OPTIONS:
        raise UrlRefused(f"a database's URL has no options but {', '.join(sorted(_OPTIONS))}")
    over_tls = options.get("sslmode", [""])[0] != "disable"
    return DatabaseUrl(
        host=parts.hostname or "127.0.0.1",
        port=port_of(parts, 5432),
        name=parts.path.lstrip("/"),
        user=unquote(parts.username or ""),
        password=unquote(parts.password) if parts.password else None,
        iam=_iam(parts, over_tls=over_tls),
        secret=_secret(parts, options, over_tls=over_tls),
        over_tls=over_tls,
        roots=_roots(options, over_tls=over_tls),
    )


def _iam(parts: SplitResult, *, over_tls: bool) -> bool:
    option = iam_option(parts, over_tls=over_tls)
    if option not in (None, "true"):
        raise UrlRefused("a database's URL says iam=true, or nothing about iam")
    return option is not None


def _secret(parts: SplitResult, options: Mapping[str, list[str]], *, over_tls: bool) -> str | None:
    secret = single_option(options, "secret")
    if secret and not over_tls:
        raise UrlRefused("secret needs TLS: without it anybody could be the server that is logged in to")
    if secret and ("iam" in options or parts.password is not None):
        raise UrlRefused("the URL has a secret and iam or a password: only one of them can be meant")
    return secret


def _roots(options: Mapping[str, list[str]], *, over_tls: bool) -> str | None:
    roots = single_option(options, "sslrootcert")
    if roots and not over_tls:
        raise UrlRefused("sslrootcert means nothing without TLS")
    return roots
