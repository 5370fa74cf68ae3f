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
# What a client can do about a failed job. A new code without a line here fails `make openapi`.
FAILURE_REMEDIES = {
    "invalid_params": "Compare the params with the model's `inputSchema`, and send a new request.",
    "model_unavailable": "Retry the job later, or use another model.",
    "generation_failed": "Retry the job. If it fails again, change the params or use another model.",
    "content_refused": "Change the prompt or the inputs.",
    "input_unreadable": "Check that each input link is public, still valid, and of a type that the model reads.",
    "out_of_memory": "Request fewer or smaller outputs.",
    "deadline_exceeded": "Retry the job, with a longer `deadlineSeconds` if yours was short.",
    "canceled": "Retry the job if the cancellation was a mistake.",
    "no_output": "Retry the job. If it fails again, change the params.",
    "output_too_large": "Request a smaller or shorter output.",
    "output_not_media": "Use another model, or report the job to the operator.",
    "output_host_refused": "Report the job to the operator, who decides which hosts are allowed.",
    "media_expired": "Retry the job: nothing was charged.",
    "outcome_unknown": "Retry the job.",
}
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
    if end.code not in FAILURE_REMEDIES:
        raise NoRemedy(f"{end.code}: add what a client can do to FAILURE_REMEDIES")
    return f"| `{end.code}` | {_yes(end.retryable)} | {end.message} | {FAILURE_REMEDIES[end.code]} |\n"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
