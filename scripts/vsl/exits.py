"""Exit codes, and the errors behind them as text for people and JSON for scripts."""

from collections.abc import Mapping
from enum import IntEnum
from http import HTTPStatus
from typing import Any

from common.retries import CallFailed, Refused, retry_after


class Exit(IntEnum):
    """The exit codes with their meaning in --help and docs/vsl.md."""

    meaning: str

    def __new__(cls, code: int, meaning: str) -> "Exit":
        """Attach the meaning to the code."""
        made = int.__new__(cls, code)
        made._value_ = code
        made.meaning = meaning
        return made

    OK = 0, "success"
    JOB_FAILED = 1, "the job failed or was canceled"
    USAGE = 2, "the command line is invalid, or VSL_API_URL or VSL_API_KEY is missing"
    REFUSED = 3, "the API refused the request (4xx), or at least one request of a batch"
    UNAVAILABLE = 4, "the API is unreachable or fails (5xx), after retries"
    TIMED_OUT = 5, "--timeout passed; the job continues"
    NOT_SAVED = 6, "the job is completed, but a file could not be saved or failed verification"
    INTERRUPTED = 130, "interrupted; an accepted job continues"


class CommandFailed(Exception):
    """The command failed; `lines` add to the message for people, `more` to the JSON for scripts."""

    def __init__(self, exit_code: Exit, code: str, detail: str, *lines: str, **more: Any) -> None:
        super().__init__(detail)
        self.exit_code = exit_code
        self.lines = lines
        self.error: dict[str, Any] = {"exitCode": int(exit_code), "code": code, "detail": detail} | more


def usage_error(detail: str) -> CommandFailed:
    """Build the error for an invalid command line or environment."""
    return CommandFailed(Exit.USAGE, "usage", detail)


def from_call(failed: CallFailed, *lines: str, **more: Any) -> CommandFailed:
    """Build the error for a failed call; scripts get the whole problem document."""
    problem = failed.problem
    code = str(problem.get("code") or _code(failed))
    detail = str(problem.get("detail") or failed)
    exit_code = Exit.REFUSED if isinstance(failed, Refused) else Exit.UNAVAILABLE
    request_id = _request_id(failed)
    fields = problem | ({"requestId": request_id} if request_id else {}) | more
    known = {name: value for name, value in fields.items() if name not in ("code", "detail", "exitCode")}
    return CommandFailed(exit_code, code, detail, *_lines(failed, code, request_id), *lines, **known)


def _code(failed: CallFailed) -> str:
    """Choose an error code for a failure without a problem document."""
    if failed.answer is None:
        return "unreachable"
    if isinstance(failed, Refused):
        return "refused"
    return "unavailable" if failed.answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR else "unexpected_answer"


def _lines(failed: CallFailed, code: str, request_id: str) -> list[str]:
    """Show each invalid field with its allowed values, the time of a retry, and the request id for an operator."""
    errors = [error for error in failed.problem.get("errors") or () if isinstance(error, Mapping)]
    width = max((len(str(error.get("path"))) for error in errors), default=0)
    lines = [f"  {error.get('path')!s:{width}}  {error.get('message')}{_allowed(error)}" for error in errors]
    seconds = retry_after(failed.answer)
    if seconds:
        lines.append(f"  send it again in {seconds:.0f} s")
    if failed.answer:
        lines.append(f"  ({failed.answer.status} {code}{f', request {request_id}' if request_id else ''})")
    return lines


def _allowed(error: Mapping[str, Any]) -> str:
    allowed = error.get("allowed")
    if allowed is None:
        return ""
    if isinstance(allowed, Mapping):
        return f"; allowed: {', '.join(f'{name} {value}' for name, value in allowed.items())}"
    return f"; allowed: {', '.join(map(str, allowed)) if isinstance(allowed, list) else allowed}"


def _request_id(failed: CallFailed) -> str:
    headers = failed.answer.headers if failed.answer else {}
    return headers.get("x-request-id") or headers.get("apigw-requestid") or ""
