"""The one tree of refusals: every answer that says no, with its status, its code and whether a retry can help.

`problem` turns one into an RFC 9457 document (`application/problem+json`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing that is wrong in a request: where (`params.fps`), what, and what would be right."""

    path: str
    code: str
    message: str
    allowed: object = None

    def document(self) -> dict[str, object]:
        """Write it as the API does; `allowed` only where there is something to say."""
        parts: dict[str, object] = {"path": self.path, "code": self.code, "message": self.message}
        return parts if self.allowed is None else parts | {"allowed": self.allowed}


class Refusal(Exception):
    """Base of all refusals; subclasses set what a client can rely on."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "internal_error"
    retryable = False
    log_level = "INFO"

    def __init__(
        self,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        retry_after_seconds: int | None = None,
        extra: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.retry_after_seconds = retry_after_seconds
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})


class InvalidRequest(Refusal):
    """The request cannot be read."""

    status, code = HTTPStatus.BAD_REQUEST, "invalid_request"


class InvalidJobId(Refusal):
    """The job id in the path is not one of ours."""

    status, code = HTTPStatus.BAD_REQUEST, "invalid_job_id"


class InvalidIdempotencyKey(Refusal):
    """The idempotency key is not one."""

    status, code = HTTPStatus.BAD_REQUEST, "invalid_idempotency_key"


class Unauthorized(Refusal):
    """The API key or the webhook signature does not hold."""

    status, code = HTTPStatus.UNAUTHORIZED, "unauthorized"


class InvalidSignature(Unauthorized):
    """A webhook that Replicate did not sign, or signed too long ago."""

    code = "invalid_signature"


class JobNotFound(Refusal):
    """No such job, or somebody else's."""

    status, code = HTTPStatus.NOT_FOUND, "job_not_found"


class BatchNotFound(Refusal):
    """No such batch, or somebody else's."""

    status, code = HTTPStatus.NOT_FOUND, "batch_not_found"


class ModelNotFound(Refusal):
    """No model of the name in the path."""

    status, code = HTTPStatus.NOT_FOUND, "model_not_found"


class JobFinished(Refusal):
    """The job has ended, or its generation has; `jobStatus` says how it stands, unchanged."""

    status, code = HTTPStatus.CONFLICT, "job_finished"


class JobRunning(Refusal):
    """The job has not ended: cancel it first, or wait for its end. `jobStatus` says how it stands, unchanged."""

    status, code = HTTPStatus.CONFLICT, "job_running"


class NoCallback(Refusal):
    """The job was requested without a `callbackUrl`: there is nobody to tell of its end."""

    status, code = HTTPStatus.CONFLICT, "no_callback"


class TooManySecrets(Refusal):
    """Five callback secrets are valid at present; `nextEndsAt` says when the first ends and another can be made."""

    status, code = HTTPStatus.CONFLICT, "too_many_secrets"


class BodyTooLarge(Refusal):
    """The body is over the limit."""

    status, code = HTTPStatus.CONTENT_TOO_LARGE, "body_too_large"


class UnsupportedContentType(Refusal):
    """The body is not JSON by its own account."""

    status, code = HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_content_type"


class InvalidFields(Refusal):
    """The request is JSON, but fields of it are wrong; `errors` names each."""

    status, code = HTTPStatus.UNPROCESSABLE_CONTENT, "invalid_fields"


class UnknownModel(Refusal):
    """No model of this name for this media type."""

    status, code = HTTPStatus.UNPROCESSABLE_CONTENT, "unknown_model"


class BatchRefused(Refusal):
    """None of a batch's requests was accepted; `results` holds the refusal of each. No batch was made, and an
    idempotency key may be used again."""

    status, code = HTTPStatus.UNPROCESSABLE_CONTENT, "batch_refused"


class IdempotencyKeyReused(Refusal):
    """The idempotency key belongs to a request with another body."""

    status, code = HTTPStatus.UNPROCESSABLE_CONTENT, "idempotency_key_reused"


class RateLimited(Refusal):
    """Too many requests of one user in an hour."""

    status, code, retryable = HTTPStatus.TOO_MANY_REQUESTS, "rate_limited", True


class TooManyRunningJobs(Refusal):
    """As many of your jobs as may run at a time have not ended; `running` has the figures.

    Wait for `Retry-After` seconds, or for one of them to end.
    """

    status, code, retryable = HTTPStatus.TOO_MANY_REQUESTS, "too_many_running_jobs", True


class BudgetExceeded(Refusal):
    """The job's estimated cost is more than what is left of your budget of this month; `budget` has the figures.

    Ask the operator for more, or wait until `budget.endsAt`. A running job that ends for less leaves more, too.
    """

    status, code = HTTPStatus.PAYMENT_REQUIRED, "budget_exceeded"


class TooManyFailures(Refusal):
    """Too many wrong API keys, or webhooks with wrong signatures, came from the address of this request.

    After `Retry-After` seconds another try is looked at. A key that was right in the last 24 hours works all the time.
    """

    status, code, retryable = HTTPStatus.TOO_MANY_REQUESTS, "too_many_failures", True
    log_level = "DEBUG"  # who sends many must not write as many lines; the access log has them


class TooManyDeliveries(Refusal):
    """A callback was tried 20 times within an hour: wait for `Retry-After` before asking for another try."""

    status, code, retryable = HTTPStatus.TOO_MANY_REQUESTS, "too_many_deliveries", True


class Unavailable(Refusal):
    """Something this service cannot do without is away: nothing was accepted, try again."""

    status, code, retryable = HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", True


class ModelUnavailable(Refusal):
    """The model fails at the provider at present: nothing was accepted, try again after `Retry-After`."""

    status, code, retryable = HTTPStatus.SERVICE_UNAVAILABLE, "model_unavailable", True


class InternalError(Refusal):
    """Our own mistake: the caller learns nothing, the log everything."""

    retryable = True


def problem(refusal: Refusal) -> dict[str, object]:
    """Write a refusal as a problem document."""
    document: dict[str, object] = {
        "type": f"urn:vsl:problem:{refusal.code}",
        "title": refusal.status.phrase,
        "status": int(refusal.status),
        "code": refusal.code,
        "detail": refusal.detail,
        "retryable": refusal.retryable,
    }
    if refusal.errors:
        document["errors"] = [error.document() for error in refusal.errors]
    return document | refusal.extra
