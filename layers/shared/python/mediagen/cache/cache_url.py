"""What a cache's URL says: where Redis is, as whom to log in, and whom to trust.

`rediss://user@host[:port][/number]?iam=<cache>`  in AWS: with an IAM token of its own for each connection, signed for
                                                 the ElastiCache replication group of this id
`redis://[user:password@]host[:port][/number]`   elsewhere; `rediss://` is over TLS, which is verified
Besides, `sslrootcert=<file>` trusts the roots in a PEM file instead of the system's. Nothing else is understood.
"""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from mediagen.aws.tokens import UrlRefused, iam_option, port_of, single_option

_OPTIONS = {"iam", "sslrootcert"}


@dataclass(frozen=True, slots=True)
class CacheUrl:
    """A parsed URL. `address` is the part that redis-py parses, `roots` the path of a PEM file."""

    address: str = field(repr=False)
    over_tls: bool
    user: str
    iam: str | None
    roots: str | None


def read_url(url: str) -> CacheUrl:
    """Parse a URL. Raises UrlRefused for a URL that cannot work or would expose a login."""
    parts = urlsplit(url)
    port_of(parts, 6379)  # redis-py's own error contains a part of the password
    options = parse_qs(parts.query, keep_blank_values=True)
    if not options.keys() <= _OPTIONS:  # redis-py would obey them: ssl_cert_reqs=none disables verification
        raise UrlRefused(f"a cache's URL has no other options than {' and '.join(sorted(_OPTIONS))}")
    over_tls = parts.scheme == "rediss"
    iam, roots = iam_option(parts, over_tls=over_tls), single_option(options, "sslrootcert")
    if roots and not over_tls:
        raise UrlRefused("sslrootcert means nothing without TLS")
    netloc = parts.netloc.rpartition("@")[2] if iam else parts.netloc
    address = parts._replace(netloc=netloc, query="").geturl()
    return CacheUrl(address, over_tls, unquote(parts.username or ""), iam, roots)
