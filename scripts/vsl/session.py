"""The API client of the environment variables, and the progress display."""

import io
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from common.api import ApiClient
from common.job_polling import Jobs
from common.progress import Progress
from common.retries import Caller
from vsl.exits import Exit, usage_error

URL, KEY = "VSL_API_URL", "VSL_API_KEY"


@dataclass(frozen=True)
class Result:
    """A command's output: a document for scripts, lines for people."""

    document: Mapping[str, Any]
    lines: list[str]
    exit_code: Exit = Exit.OK


@dataclass(frozen=True)
class Session:
    """The dependencies of one command."""

    client: ApiClient
    caller: Caller
    jobs: Jobs
    progress: Progress

    def notify(self, line: str) -> None:
        """Print a line on standard error if it is a terminal."""
        self.progress.note(line)


def open_session(environ: Mapping[str, str], *, quiet: bool, sleep: Callable[[float], object] = time.sleep) -> Session:
    """Connect to the API. Raises CommandFailed if the address or the key is missing or malformed."""
    client = ApiClient(api_url(environ), api_key(environ))
    # Progress belongs on a terminal, not in a script's log.
    progress = Progress(io.StringIO() if quiet or not sys.stderr.isatty() else sys.stderr)
    caller = Caller(client, sleep, notice=lambda text: progress.note(f"  · {text}"))
    return Session(client, caller, Jobs(caller), progress)


def api_url(environ: Mapping[str, str]) -> str:
    """Read VSL_API_URL. Plain HTTP is allowed for this machine only, because every request carries the key."""
    url = environ.get(URL, "").strip()
    if not url:
        raise usage_error(f"{URL} is missing: export {URL}=https://… (make apply and make up print the address)")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise usage_error(f"{URL} is not a URL: {url}") from None
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment or parts.username:
        raise usage_error(f"{URL} must be a URL such as https://api.example.com, not {url}")
    local = host in ("localhost", "127.0.0.1", "::1") or host.endswith(".localhost")
    if parts.scheme == "http" and not local:
        raise usage_error(f"{URL} must begin with https://, because the API key would travel unencrypted to {host}")
    return url


def api_key(environ: Mapping[str, str]) -> str:
    """Read VSL_API_KEY. No message ever shows it, not even a malformed one."""
    key = environ.get(KEY, "").strip()
    if not key:
        raise usage_error(f"{KEY} is missing: export {KEY}=vsl_… (an operator creates one: make access ENV=… USER=…)")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise usage_error(f"{KEY} contains a space or a character that no API key has: copy the key again")
    return key
