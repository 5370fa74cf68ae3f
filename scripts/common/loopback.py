"""Calls to this machine bypass a proxy, also those of child processes."""

from collections.abc import MutableMapping

# Python takes a leading dot as a suffix, curl and Go do so too.
HOSTS = ("127.0.0.1", "localhost", "::1", ".localhost")
# Programs differ in which of the two they read.
VARIABLES = ("NO_PROXY", "no_proxy")
PROXIES = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")


def bypass_proxy(environ: MutableMapping[str, str]) -> None:
    """Add this machine to the hosts that are reached without a proxy; keep what is there."""
    named = next((environ[name] for name in reversed(VARIABLES) if environ.get(name)), "")
    hosts = [host.strip() for host in named.split(",") if host.strip()]
    if "*" not in hosts:
        hosts += [host for host in HOSTS if host not in hosts]
    environ.update(dict.fromkeys(VARIABLES, ",".join(hosts)))


def is_proxied(environ: MutableMapping[str, str]) -> bool:
    """Return whether a proxy is configured for http addresses."""
    return any(environ.get(name) for name in PROXIES)
