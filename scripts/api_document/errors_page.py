"""docs/errors.md: every code an API client can meet, from the error classes and the catalogue of failures."""

import inspect
from collections.abc import Sequence

from mediagen.errors.refusals import Refusal
from mediagen.jobs.failures import Failure
from mediagen.jobs.left_out import REASONS

HEAD = """\
# Errors

Written by `make openapi` from [refusals.py](../layers/shared/python/mediagen/errors/refusals.py) and
[failures.py](../layers/shared/python/mediagen/jobs/failures.py). [openapi.json](openapi.json) has the same codes, at
each operation.

## Refusals

A refused request is answered with a [problem document](https://www.rfc-editor.org/rfc/rfc9457)
(`application/problem+json`). Programs should use `code`, which never changes; `type` is `urn:vsl:problem:` followed by
the code. `detail` is for people, and its wording may change. With `retryable: true` the same request may succeed later:
wait for `Retry-After` seconds if the header is present. `errors` lists each invalid field with its `path`, a `code`,
a `message`, and the `allowed` values.

Some requests are refused by the API gateway before a function runs: without any key, with more than 10 MB, with an
unknown path, or above the limit for all clients together. Their body is `{"message": …}` as `application/json`, and
their id is in `Apigw-requestid` instead of `X-Request-Id`.

| status | code | retryable | what it means | what to do |
| --- | --- | --- | --- | --- |
"""
FAILURES = """
## Failed jobs

A failed job has an `error` with `code`, `message` and `retryable`. The messages are our own; Replicate's text is only
in the operator's records. The job's `cost` says what it costs.

| code | retryable | what it means | what to do |
| --- | --- | --- | --- | --- |
"""
FAILURES = """
## Failed jobs

A job that was accepted and did not end well has an `error` with `code`, `message` and `retryable`. The words are ours:
what Replicate says is in the operator's records only. What such a job costs is in its `cost`.

| code | retryable | what it means |
| --- | --- | --- |
"""
LEFT_OUT = """
## Outputs left out

A `completed` job with `partial: true` lacks files of the model's result. `leftOut` lists them with these codes.

| code | what it means |
| --- | --- |
"""


def errors_page(kinds: Sequence[type[Refusal]], ends: Sequence[Failure]) -> str:
    """Write the page."""
    reasons = (f"| `{code}` | {message} |\n" for code, message in REASONS.items())
    return "".join([HEAD, *map(_refusal, kinds), FAILURES, *map(_failure, ends), LEFT_OUT, *reasons])


class NoRemedy(Exception):
    """A refusal that does not say what it means or what a client can do."""


def meaning(kind: type[Refusal]) -> str:
    """Return a refusal's docstring on one line."""
    return " ".join(inspect.cleandoc(kind.__doc__ or "").split())


def remedy(kind: type[Refusal]) -> str:
    """Return what a client can do about a refusal. Raises NoRemedy."""
    own = vars(kind)
    if not own.get("__doc__") or not own.get("remedy"):
        raise NoRemedy(f"{kind.__name__}: give it a docstring (what it means) and a remedy (what a client can do)")
    return kind.remedy


def _refusal(kind: type[Refusal]) -> str:
    status = f"{int(kind.status)} {kind.status.phrase}"
    return f"| {status} | `{kind.code}` | {_yes(kind.retryable)} | {meaning(kind)} | {remedy(kind)} |\n"


def _failure(end: Failure) -> str:
    return f"| `{end.code}` | {_yes(end.retryable)} | {end.message} |\n"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
