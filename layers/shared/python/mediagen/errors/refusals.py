"""All refusals: every error answer of the API, with its status, its code and whether a retry can help.

mediagen.errors.problems turns one into an RFC 9457 document (`application/problem+json`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from mediagen.errors.text import SafeMessage


@dataclass(frozen=True, slots=True)
class FieldError:
    """One invalid field of a request: its path (`params.fps`), a code, a message, and the allowed values."""

    path: str
    code: str
    message: str
    allowed: object = None

    def document(self) -> dict[str, object]:
        """Return the field as the API shows it, without `allowed` if there is none."""
        parts: dict[str, object] = {"path": self.path, "code": self.code, "message": self.message}
        return parts if self.allowed is None else parts | {"allowed": self.allowed}


class Refusal(Exception):
    """Base of all refusals; subclasses set what a client can rely on.

    Clients read the docstring (the meaning) and `remedy` in docs/errors.md; `make openapi` fails without them."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "internal_error"
    retryable = False
    remedy = ""
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
    """The body is not a JSON object, is nested too deeply, or contains a value that cannot be stored."""

    status, code = HTTPStatus.BAD_REQUEST, "invalid_request"
    remedy = "Send a JSON object. `detail` names the position of the mistake."


class InvalidJobId(Refusal):
    """The job id in the path is not a UUID of version 7 in lower case."""

    status, code = HTTPStatus.BAD_REQUEST, "invalid_job_id"
    remedy = "Use the `jobId` exactly as the API returned it."


class InvalidIdempotencyKey(Refusal):
    """The `Idempotency-Key` header is malformed."""

    status, code = HTTPStatus.BAD_REQUEST, "invalid_idempotency_key"
    remedy = "Send one key of 1 to 255 printable ASCII characters without a comma, such as a UUID."


class Unauthorized(Refusal):
    """The API key is unknown, expired or revoked."""

    status, code = HTTPStatus.UNAUTHORIZED, "unauthorized"
    remedy = "Check the key. Send it as `Authorization: Bearer vsl_…`."


class InvalidSignature(Unauthorized):
    """The webhook has no valid signature of Replicate, or the signature is too old."""

    code = "invalid_signature"
    remedy = "Clients do not send webhooks. Operators: check the webhook signing secret."


class JobNotFound(Refusal):
    """The job does not exist, or it belongs to another user."""

    status, code = HTTPStatus.NOT_FOUND, "job_not_found"
    remedy = "Check the id, and use an API key of the user who requested the job."


class BatchNotFound(Refusal):
    """The batch does not exist, or it belongs to another user."""

    status, code = HTTPStatus.NOT_FOUND, "batch_not_found"
    remedy = "Check the id, and use an API key of the user who sent the batch."


class ModelNotFound(Refusal):
    """The catalogue has no model with the id in the path."""

    status, code = HTTPStatus.NOT_FOUND, "model_not_found"
    remedy = "Use a model id from `GET /models`."


class JobFinished(Refusal):
    """The job, or its generation at Replicate, is already in a terminal state. `jobStatus` has the unchanged status."""

    status, code = HTTPStatus.CONFLICT, "job_finished"
    remedy = "Read the job's status."


class JobRunning(Refusal):
    """The job is still running. `jobStatus` has the unchanged status."""

    status, code = HTTPStatus.CONFLICT, "job_running"
    remedy = "Cancel the job, or wait until it is in a terminal state, and repeat the request."


class NoCallback(Refusal):
    """The job was requested without a `callbackUrl`, so it has no callback."""

    status, code = HTTPStatus.CONFLICT, "no_callback"
    remedy = "Read the job's status instead, or give a `callbackUrl` with the next job."


class TooManySecrets(Refusal):
    """Five callback secrets of this user are still valid, which is the limit."""

    status, code = HTTPStatus.CONFLICT, "too_many_secrets"
    remedy = "Repeat the request after `nextEndsAt`, when the oldest secret has expired."


class BodyTooLarge(Refusal):
    """The body is larger than 256 KB."""

    status, code = HTTPStatus.CONTENT_TOO_LARGE, "body_too_large"
    remedy = "Pass large inputs as links."


class UnsupportedContentType(Refusal):
    """The `Content-Type` is not `application/json`."""

    status, code = HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_content_type"
    remedy = "Send `Content-Type: application/json`."


class InvalidFields(Refusal):
    """Fields of the body or query parameters are invalid; `errors` lists each with what is allowed."""

    status, code = HTTPStatus.UNPROCESSABLE_CONTENT, "invalid_fields"
    remedy = "Correct the fields in `errors`. If `jobId` is present, the model itself refused the params."


class UnknownModel(Refusal):
    """The catalogue has no model with this id for this media type; `errors` lists the existing ones."""

    status, code = HTTPStatus.UNPROCESSABLE_CONTENT, "unknown_model"
    remedy = "Use a model id from `GET /models`."


class BatchRefused(Refusal):
    """None of the requests was accepted, and no batch was created; `results` has the refusal of each request."""

    status, code = HTTPStatus.UNPROCESSABLE_CONTENT, "batch_refused"
    remedy = "Correct the requests by their refusals in `results`. The same idempotency key can be used again."


class IdempotencyKeyReused(Refusal):
    """This idempotency key was already used for a request with another body."""

    status, code = HTTPStatus.UNPROCESSABLE_CONTENT, "idempotency_key_reused"
    remedy = "Use a new key for each new request."


class RateLimited(Refusal):
    """The user has reached the limit of generations per hour."""

    status, code, retryable = HTTPStatus.TOO_MANY_REQUESTS, "rate_limited", True
    remedy = (
        "Repeat the request after `Retry-After` seconds. The `RateLimit` header has the limit and what is left of it."
    )


class TooManyRunningJobs(Refusal):
    """The user has reached the limit of jobs that run at the same time; `running` has the figures."""

    status, code, retryable = HTTPStatus.TOO_MANY_REQUESTS, "too_many_running_jobs", True
    remedy = "Repeat the request after `Retry-After` seconds, or when one of the jobs is in a terminal state."


class BudgetExceeded(Refusal):
    """The job's estimated cost exceeds what is left of this month's budget; `budget` has the figures."""

    status, code = HTTPStatus.PAYMENT_REQUIRED, "budget_exceeded"
    remedy = (
        "Ask the operator for a larger budget, or wait until `budget.endsAt`. Running jobs that cost less than "
        "estimated also free budget."
    )


class TooManyFailures(Refusal):
    """Too many wrong API keys, or webhooks with wrong signatures, came from this source address."""

    status, code, retryable = HTTPStatus.TOO_MANY_REQUESTS, "too_many_failures", True
    remedy = (
        "Repeat the request after `Retry-After` seconds. A key that was valid in the last 24 hours is never blocked."
    )
    log_level = "DEBUG"  # an attacker must not fill the log with one line per request; the access log has them


class TooManyDeliveries(Refusal):
    """This callback was attempted 20 times within the last hour, which is the limit."""

    status, code, retryable = HTTPStatus.TOO_MANY_REQUESTS, "too_many_deliveries", True
    remedy = "Repeat the request after `Retry-After` seconds."


class Unavailable(SafeMessage, Refusal):
    """A required dependency is unavailable. No state was changed."""

    status, code, retryable = HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", True
    remedy = "Repeat the request after `Retry-After` seconds. With an `Idempotency-Key` this is always safe."


class ModelUnavailable(Refusal):
    """The model currently fails at the provider, so its circuit breaker is open. No job was created."""

    status, code, retryable = HTTPStatus.SERVICE_UNAVAILABLE, "model_unavailable", True
    remedy = "Repeat the request after `Retry-After` seconds, or use another model."


class InternalError(SafeMessage, Refusal):
    """An error of this service. Its cause is in the operator's log only."""

    retryable = True
    remedy = "Repeat the request. If the error persists, give the `X-Request-Id` to the operator."
