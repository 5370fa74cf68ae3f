"""The one tree of refusals: every answer that says no, with its status, its code and whether a retry can help.

mediagen.problems turns one into an RFC 9457 document (`application/problem+json`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from mediagen.error_text import OwnWords


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
    """Base of all refusals; subclasses set what a client can rely on.

    Their docstrings are read by clients, in docs/errors.md and openapi.json: what it means, and below, what to do."""

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
    """The request cannot be read: the body is no JSON object, too deeply nested, or holds what cannot be stored.

    Send a JSON object."""

    status, code = HTTPStatus.BAD_REQUEST, "invalid_request"


class InvalidJobId(Refusal):
    """The job id in the path is not one of ours: a UUID of version 7 in lower case.

    Use the id as it was given."""

    status, code = HTTPStatus.BAD_REQUEST, "invalid_job_id"


class InvalidIdempotencyKey(Refusal):
    """The idempotency key is not one.

    Send one key of 1 to 255 printable ASCII characters without a comma, such as a UUID."""

    status, code = HTTPStatus.BAD_REQUEST, "invalid_idempotency_key"


class Unauthorized(Refusal):
    """The API key is unknown, expired or revoked.

    Check the key, and that it is sent as `Authorization: Bearer vsl_…`."""

    status, code = HTTPStatus.UNAUTHORIZED, "unauthorized"


class InvalidSignature(Unauthorized):
    """A webhook that Replicate did not sign, or signed too long ago.

    Nothing: clients do not send webhooks. The operator looks at the signing secret."""

    code = "invalid_signature"


class JobNotFound(Refusal):
    """There is no such job, or it is somebody else's.

    Check the id, and that the key belongs to the user who asked for the job."""

    status, code = HTTPStatus.NOT_FOUND, "job_not_found"


class BatchNotFound(Refusal):
    """No such batch, or somebody else's."""

    status, code = HTTPStatus.NOT_FOUND, "batch_not_found"


class ModelNotFound(Refusal):
    """There is no model of the name in the path.

    Choose one of `GET /models`."""

    status, code = HTTPStatus.NOT_FOUND, "model_not_found"


class JobFinished(Refusal):
    """The job has ended, or its generation has; `jobStatus` says how it stands, unchanged.

    Nothing: read its status."""

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
    """The body is over the limit of 256 KB.

    Give large inputs as links."""

    status, code = HTTPStatus.CONTENT_TOO_LARGE, "body_too_large"


class UnsupportedContentType(Refusal):
    """The body is not JSON by its own account.

    Send `Content-Type: application/json`."""

    status, code = HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_content_type"


class InvalidFields(Refusal):
    """The request is JSON, but fields of it, or parameters of the address, are wrong; `errors` names each.

    Read `errors`: where, what, and what is allowed. `jobId` is there where the model itself refused the params."""

    status, code = HTTPStatus.UNPROCESSABLE_CONTENT, "invalid_fields"


class UnknownModel(Refusal):
    """There is no model of this name for this media type; `errors` names those there are.

    Choose one of `GET /models`."""

    status, code = HTTPStatus.UNPROCESSABLE_CONTENT, "unknown_model"


class BatchRefused(Refusal):
    """None of a batch's requests was accepted; `results` holds the refusal of each. No batch was made, and an
    idempotency key may be used again."""

    status, code = HTTPStatus.UNPROCESSABLE_CONTENT, "batch_refused"


class IdempotencyKeyReused(Refusal):
    """The idempotency key belongs to a request with another body.

    Use a new key for a new request."""

    status, code = HTTPStatus.UNPROCESSABLE_CONTENT, "idempotency_key_reused"


class RateLimited(Refusal):
    """Too many generations of one user in an hour.

    Wait for `Retry-After` seconds; `RateLimit` says where you stand."""

    status, code, retryable = HTTPStatus.TOO_MANY_REQUESTS, "rate_limited", True


class TooManyRunningJobs(Refusal):
    """As many of your jobs as may run at a time have not ended; `running` has the figures.

    Wait for `Retry-After` seconds, or for one of them to end."""

    status, code, retryable = HTTPStatus.TOO_MANY_REQUESTS, "too_many_running_jobs", True


class BudgetExceeded(Refusal):
    """The job's estimated cost is more than what is left of your budget of this month; `budget` has the figures.

    Ask the operator for more, or wait until `budget.endsAt`. A running job that ends for less leaves more, too."""

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


class Unavailable(OwnWords, Refusal):
    """Something this service cannot do without is away: nothing was accepted or changed.

    Wait for `Retry-After` seconds and send it again; with an `Idempotency-Key` that is always safe."""

    status, code, retryable = HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", True


class ModelUnavailable(Refusal):
    """The model fails at the provider at present: nothing was accepted, try again after `Retry-After`."""

    status, code, retryable = HTTPStatus.SERVICE_UNAVAILABLE, "model_unavailable", True


class InternalError(OwnWords, Refusal):
    """Our own mistake: nobody but the operator is told what it was.

    Send it again; if it stays, tell the operator the `X-Request-Id`."""

    retryable = True
