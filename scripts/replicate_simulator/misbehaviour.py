"""Apply a fault to an answer: refusals, delays and cut connections."""

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from replicate_simulator.answers import CUT, NOT_FOUND, Answer, as_json, invalid_input, not_found, problem
from replicate_simulator.faults import Facts, Rule
from replicate_simulator.rate_limit import throttled
from replicate_simulator.settings import OTHER_ACCOUNT
from replicate_simulator.simulator import Simulator

_CREDIT = (
    "You have insufficient credit to run this model. Go to https://replicate.com/account/billing#billing "
    "to purchase credit. Once you purchase credit, please wait a few minutes before trying again."
)
# Titles and details as recorded; answers above 499 were seen both as JSON and as a gateway's page.
_RECORDED: dict[int, tuple[str | None, str]] = {
    401: ("Unauthenticated", "You did not pass a valid authentication token"),
    402: ("Insufficient credit", _CREDIT),
    404: (None, NOT_FOUND),
    500: ("Internal server error", "An unexpected error occurred."),
    502: ("Bad gateway", "The server could not be reached."),
    503: ("Service unavailable", "The service is overloaded."),
}
_GATEWAY_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>\n"


def answered(simulator: Simulator, facts: Facts, answer: Callable[[], Answer]) -> Answer:
    """Return the answer, changed by the first active fault."""
    rule = simulator.faults.for_answer(facts)
    if rule is None:
        return answer()
    if rule.fault == "status":
        return refusal(rule.options)
    if rule.fault == "cut-before-accept":
        return CUT
    if rule.fault == "other-account":
        return _other_account(facts.on)
    return _after(rule, answer(), simulator)


def _other_account(on: str) -> Answer:
    """Return another account's answer: its own name, an empty list, or 404 for a prediction."""
    if on == "account":
        return as_json({"type": "user", "username": OTHER_ACCOUNT, "name": "Another account", "github_url": None})
    return as_json({"next": None, "previous": None, "results": []}) if on == "list" else not_found()


def _after(rule: Rule, accepted: Answer, simulator: Simulator) -> Answer:
    match rule.fault:
        case "cut-after-accept":
            return CUT
        case "slow":
            simulator.closing.wait(float(rule.options["seconds"]))
        case "answer-202":
            return replace(accepted, status=HTTPStatus.ACCEPTED)
    return accepted


def refusal(options: dict[str, Any]) -> Answer:
    """Return the problem document of a `status` fault."""
    status = int(options["status"])
    if options["html"]:
        return Answer(status, _GATEWAY_PAGE, {"Content-Type": "text/html"})
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return throttled(options["retry_after"], options["detail"], options["title"], header=options["header"])
    if status == HTTPStatus.UNPROCESSABLE_ENTITY and options["detail"] is None:
        return invalid_input([{name: str(options[name]) for name in ("type", "field", "description")}])
    title, detail = _RECORDED.get(status, (None, "An unexpected error occurred."))
    return problem(status, options["detail"] or detail, options["title"] or title)
