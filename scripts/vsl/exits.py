"""How a command can end: an exit code, and what is told of it to people and to machines."""

from collections.abc import Mapping
from enum import IntEnum
from http import HTTPStatus
from typing import Any

from common.calling import CallFailed, Refused, retry_after


class Exit(IntEnum):
    """The exit codes; each line is what --help and the README say of it."""

    meaning: str

    def __new__(cls, code: int, meaning: str) -> "Exit":
        """Make a code that knows its meaning."""
        made = int.__new__(cls, code)
        made._value_ = code
        made.meaning = meaning
        return made

    OK = 0, "done"
    JOB_FAILED = 1, "the job failed or was canceled"
    USAGE = 2, "the command is not right, or VSL_API_URL or VSL_API_KEY is missing"
    REFUSED = 3, "the API refused the request (4xx), or some of a batch"
    AWAY = 4, "the API cannot be reached or fails (5xx), after retries"
    TIME_OVER = 5, "the time of --timeout is over; the job goes on"
    NOT_SAVED = 6, "the job is completed, but a file could not be saved or is not what it should be"
    INTERRUPTED = 130, "interrupted; a job that was accepted goes on"


class Ended(Exception):
    """A command that did not come to a good end; `lines` are for people, `more` is for machines."""

    def __init__(self, exit_code: Exit, code: str, detail: str, *lines: str, **more: Any) -> None:
        super().__init__(detail)
        self.exit_code = exit_code
        self.lines = lines
        self.error: dict[str, Any] = {"exitCode": int(exit_code), "code": code, "detail": detail} | more


def misused(detail: str) -> Ended:
    """Say what is wrong with the command."""
    return Ended(Exit.USAGE, "usage", detail)


def of_call(failed: CallFailed, *lines: str, **more: Any) -> Ended:
    """Tell what the API, or its silence, said; machines get the whole problem document."""
    problem = failed.problem
    code = str(problem.get("code") or _code(failed))
    detail = str(problem.get("detail") or failed)
    exit_code = Exit.REFUSED if isinstance(failed, Refused) else Exit.AWAY
    request_id = _request_id(failed)
    told = problem | ({"requestId": request_id} if request_id else {}) | more
    known = {name: value for name, value in told.items() if name not in ("code", "detail", "exitCode")}
    return Ended(exit_code, code, detail, *_lines(failed, code, request_id), *lines, **known)


def _code(failed: CallFailed) -> str:
    """Name what came without a problem document."""
    if failed.answer is None:
        return "unreachable"
    if isinstance(failed, Refused):
        return "refused"
    return "unavailable" if failed.answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR else "unexpected_answer"


def _lines(failed: CallFailed, code: str, request_id: str) -> list[str]:
    """Show each field that is wrong, with what is allowed; when to come back; and by what an operator finds it."""
    errors = [error for error in failed.problem.get("errors") or () if isinstance(error, Mapping)]
    width = max((len(str(error.get("path"))) for error in errors), default=0)
    lines = [f"  {error.get('path')!s:{width}}  {error.get('message')}{_allowed(error)}" for error in errors]
    seconds = retry_after(failed.answer)
    if seconds:
        lines.append(f"  it may be sent again in {seconds:.0f} s")
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
