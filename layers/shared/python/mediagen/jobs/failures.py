"""Reasons for which a job fails: codes for clients, with our own messages. Clients never see Replicate's texts."""

from dataclasses import dataclass

from mediagen.jobs.failure_texts import FAILURE_TEXTS

_CATALOGUE: dict[str, tuple[str, bool]] = {
    # code: (message, whether the same request may succeed when sent again)
    "invalid_params": ("The model refused the parameters.", False),
    "model_unavailable": ("The model is not available at present.", True),
    "generation_failed": ("The model failed to generate the media.", True),
    "content_refused": ("The model refused the content of the request.", False),
    "input_unreadable": ("The model could not read or refused an input of the request.", False),
    "out_of_memory": ("The model ran out of memory. Request fewer or smaller outputs.", False),
    "deadline_exceeded": ("The generation did not finish before its deadline.", True),
    "canceled": ("The generation was canceled.", True),
    "no_output": ("The model finished without a usable file.", True),
    "output_too_large": ("The generated file is larger than the limit of this service.", False),
    "output_not_media": ("The model's output is empty, or a web page instead of a file.", False),
    "output_host_refused": ("The model's output is on a host that this service does not download from.", False),
    "media_expired": ("The generated file was deleted before it could be stored.", True),
    "outcome_unknown": ("It is unknown whether the generation ran. Nothing is charged.", True),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """The `error` of a `failed` or `canceled` job."""

    code: str
    message: str
    retryable: bool

    def document(self) -> dict[str, object]:
        """Return the error as the API shows it."""
        return {"code": self.code, "message": self.message, "retryable": self.retryable}


def failure(code: str) -> Failure:
    """Return a failure by its code. Raises KeyError for a code that is not in the catalogue."""
    message, retryable = _CATALOGUE[code]
    return Failure(code, message, retryable)


def all_failures() -> list[Failure]:
    """List all failures, for docs/errors.md and openapi.json."""
    return [failure(code) for code in _CATALOGUE]


def failure_from_replicate(text: object) -> Failure:
    """Return the failure that a failed prediction's error text maps to; by default `generation_failed`."""
    return failure(_code_of(text) or "generation_failed")


def is_unknown_text(text: object) -> bool:
    """Return whether there is an error text that no line of FAILURE_TEXTS matches."""
    return bool(text) and _code_of(text) is None


def _code_of(text: object) -> str | None:
    words = str(text or "").lower()
    return next((code for code, part, _ in FAILURE_TEXTS if part in words), None)
