"""Texts of exceptions for the log, without the values that libraries and servers quote.

PostgreSQL quotes the row that breaks a constraint, Redis a command, parsers their input: prompts, links, keys. So only
the type and the codes of a foreign exception are logged, beside the traceback.
"""

import errno
from collections.abc import Mapping

from mediagen.errors import sqlstate

_MOST_CAUSES = 3
_LONGEST = 500


class SafeMessage:
    """Mark an exception whose message is our own text and quotes nothing that a client or a server sent."""


def describe(error: BaseException) -> str:
    """Return an exception's type and its safe fields, such as `DatabaseError: 23505 … jobs_pkey`."""
    text = str(error) if isinstance(error, SafeMessage) else _codes(error)
    return ": ".join(filter(None, (type(error).__name__, text)))[:_LONGEST]


def describe_with_causes(error: BaseException) -> str:
    """Return an exception and its causes: a refusal meant for clients says less than its cause."""
    texts = [describe(error)]
    while (cause := error.__cause__ or _context(error)) and len(texts) <= _MOST_CAUSES:
        texts.append(describe(cause))
        error = cause
    return " from ".join(texts)


def _context(error: BaseException) -> BaseException | None:
    """Return the exception that was being handled when another one was raised: redis-py sets no cause."""
    return None if error.__suppress_context__ else error.__context__


def _codes(error: BaseException) -> str:
    if isinstance(error, OSError):
        return _tls(error) or errno.errorcode.get(error.errno or 0, "")
    fields: Mapping[str, str] = sqlstate.fields(error)
    return " ".join(fields.values())


def _tls(error: OSError) -> str:
    """Return OpenSSL's reason of an `ssl.SSLError`, without the host name that follows a comma."""
    verdict = getattr(error, "verify_message", "") or getattr(error, "reason", "") or ""
    return str(verdict).partition(",")[0]
