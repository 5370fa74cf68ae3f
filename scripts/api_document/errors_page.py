"""docs/errors.md: every code an API client can meet, from the error classes and the catalogue of failures."""

import inspect
from collections.abc import Iterator, Sequence

from mediagen.failures import Failure
from mediagen.refusals import Refusal

HEAD = """\
# Errors

Written by `make openapi` from [refusals.py](../layers/shared/python/mediagen/refusals.py) and
[failures.py](../layers/shared/python/mediagen/failures.py). [openapi.json](openapi.json) has the same codes, at each
operation.

## Refusals

A request that is refused is answered with a [problem document](https://www.rfc-editor.org/rfc/rfc9457)
(`application/problem+json`). `code` is what programs go by, and stays; `type` is `urn:vsl:problem:` with the code
behind it; `detail` is for people, and may be worded anew. With `retryable: true` the same request may succeed later:
wait for `Retry-After` seconds where the header is there. `errors` names each field that is wrong: its `path`, a `code`,
a `message`, and what is `allowed`.

What the gateway refuses before any function was asked (no key at all, more than 10 MB, too many requests of all clients
together, an address that does not exist) is `{"message": …}` as `application/json`, with `Apigw-requestid` in the place
of `X-Request-Id`.

| status | code | retryable | what it means | what to do |
| --- | --- | --- | --- | --- |
"""
FAILURES = """
## Failed jobs

A job that was accepted and did not end well has an `error` with `code`, `message` and `retryable`. The words are ours:
what Replicate says is in the operator's records only. What such a job costs is in its `cost`.

| code | retryable | what it means |
| --- | --- | --- |
"""


def errors_page(kinds: Sequence[type[Refusal]], ends: Sequence[Failure]) -> str:
    """Write the page."""
    return "".join([HEAD, *map(_refusal, kinds), FAILURES, *map(_failure, ends)])


def meaning(kind: type[Refusal]) -> str:
    """Give the first paragraph of a class's docstring: what the refusal means."""
    return next(_paragraphs(kind))


def advice(kind: type[Refusal]) -> str:
    """Give the rest of a class's docstring: what to do; without one, what follows from the class."""
    told = " ".join(list(_paragraphs(kind))[1:])
    return told or ("Send it again later." if kind.retryable else "Correct the request.")


def _paragraphs(kind: type[Refusal]) -> Iterator[str]:
    text = inspect.cleandoc(kind.__doc__ or "")
    return (" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _refusal(kind: type[Refusal]) -> str:
    status = f"{int(kind.status)} {kind.status.phrase}"
    return f"| {status} | `{kind.code}` | {_yes(kind.retryable)} | {meaning(kind)} | {advice(kind)} |\n"


def _failure(end: Failure) -> str:
    return f"| `{end.code}` | {_yes(end.retryable)} | {end.message} |\n"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
