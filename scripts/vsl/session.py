"""What a command works with: the API of the environment variables, and somebody who may be watching."""

import io
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from common.api import ApiClient
from common.calling import Caller
from common.following import Jobs
from common.progress import Progress
from vsl.endings import Exit, misused

URL, KEY = "VSL_API_URL", "VSL_API_KEY"


@dataclass(frozen=True)
class Told:
    """What a command came to: a document for machines, lines for people."""

    document: Mapping[str, Any]
    lines: list[str]
    exit_code: Exit = Exit.OK


@dataclass(frozen=True)
class Session:
    """One command's view of the API."""

    client: ApiClient
    caller: Caller
    jobs: Jobs
    progress: Progress

    def say(self, line: str) -> None:
        """Tell a person something on standard error; nothing where nobody watches."""
        self.progress.note(line)


def open_session(environ: Mapping[str, str], *, quiet: bool, sleep: Callable[[float], object] = time.sleep) -> Session:
    """Read the address and the key. Raises Ended where one is missing or makes no sense."""
    client = ApiClient(api_url(environ), api_key(environ))
    # Nobody watches a file, and a script's log is no place for progress.
    progress = Progress(io.StringIO() if quiet or not sys.stderr.isatty() else sys.stderr)
    caller = Caller(client, sleep, notice=lambda told: progress.note(f"  · {told}"))
    return Session(client, caller, Jobs(caller), progress)


def api_url(environ: Mapping[str, str]) -> str:
    """Read VSL_API_URL; without TLS only this machine is spoken to, since every request carries the key."""
    url = environ.get(URL, "").strip()
    if not url:
        raise misused(f"{URL} is missing: export {URL}=https://… (make apply and make up end with the address)")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise misused(f"{URL} is not an address: {url}") from None
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment or parts.username:
        raise misused(f"{URL} is not an address such as https://api.example.com: {url}")
    local = host in ("localhost", "127.0.0.1", "::1") or host.endswith(".localhost")
    if parts.scheme == "http" and not local:
        raise misused(f"{URL} must begin with https://: the API key would be sent readable to {host}")
    return url


def api_key(environ: Mapping[str, str]) -> str:
    """Read VSL_API_KEY; it is never told again, not even where it is wrong."""
    key = environ.get(KEY, "").strip()
    if not key:
        raise misused(f"{KEY} is missing: export {KEY}=vsl_… (an operator makes one: make access ENV=… USER=…)")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise misused(f"{KEY} holds characters that no API key has")
    return key
