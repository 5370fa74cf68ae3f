"""Replicate's client: the requests that it sends, and its reaction to malformed answers."""

import socket
from datetime import UTC, datetime
from typing import Any

import pytest

from contract.scripted_server import Script, scripted
from mediagen.aws.errors import AwsError
from mediagen.replicate.client import Replicate, ReplicateUnavailable
from mediagen.replicate.create_outcomes import Accepted, NotTaken, Outcome, Refused, Unknown

HASH = "0123456789abcdef" * 4
OFFICIAL = {"is_official": True, "latest_version": {"id": HASH}}
COMMUNITY = {"is_official": False, "latest_version": {"id": HASH}}
CREATED = (201, {"id": "p1", "status": "starting"})
SINCE = datetime(2026, 11, 22, 17, tzinfo=UTC)
LIST = "GET /v1/predictions?created_after=2026-11-22T17%3A00%3A00.000Z"


def token() -> str:
    return "r8_token"


def no_token() -> str:
    """Fail as the reader of secrets does without a token."""
    raise AwsError("ResourceNotFoundException", 400, "no value")


def create(script: Script | str, version: str = "owner/name", **options: Any) -> Outcome:
    url = script if isinstance(script, str) else script.url
    client = Replicate(url, options.get("token", token))
    return client.create(version, {"prompt": "a"}, webhook="https://api.example/hook?jobId=1", deadline_seconds=90)


@pytest.mark.parametrize(
    ("version", "model", "path", "named"),
    [
        ("owner/name", OFFICIAL, "POST /v1/models/owner/name/predictions", {}),
        ("owner/name", COMMUNITY, "POST /v1/predictions", {"version": HASH}),
        (f"owner/name:{HASH}", None, "POST /v1/predictions", {"version": HASH}),
        (HASH, None, "POST /v1/predictions", {"version": HASH}),
    ],
)
def test_a_model_is_posted_to_the_path_of_its_kind(version: str, model: Any, path: str, named: dict[str, str]) -> None:
    with scripted({"GET /v1/models/owner/name": (200, model), path: CREATED}) as script:
        assert create(script, version) == Accepted(CREATED[1])
    assert script.paths() == (["GET /v1/models/owner/name"] if model else []) + [path]
    sent = script.asked[-1]
    assert sent.body == named | {
        "input": {"prompt": "a"},
        "webhook": "https://api.example/hook?jobId=1",
        "webhook_events_filter": ["completed"],
    }
    assert (sent.headers["authorization"], sent.headers["cancel-after"]) == ("Bearer r8_token", "90s")


def test_a_models_version_is_asked_for_once_in_an_hour() -> None:
    now = [0.0]
    with scripted({"GET /v1/models/o/n": (200, COMMUNITY), "POST /v1/predictions": CREATED}) as script:
        client = Replicate(script.url, token, clock=lambda: now[0])
        for now[0] in (0.0, 3600.0, 3601.0):
            client.create("o/n", {}, webhook="https://a", deadline_seconds=90)
    assert [path.split()[0] for path in script.paths()] == ["GET", "POST", "POST", "GET", "POST"]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((404, {}), Refused("model_unavailable")),
        ((200, {"is_official": False, "latest_version": None}), Refused("model_unavailable")),
        ((503, {}), NotTaken("status 503", 10)),
        ((429, {}), NotTaken("status 429", 10)),
        ((200, b"<html>"), NotTaken("the answer is not a JSON object", 10)),
        ((401, {}), NotTaken("status 401", 300, operators_fault=True)),
        (None, NotTaken("ProtocolError", 10)),
    ],
)
def test_a_failure_before_sending_costs_nothing(answer: Any, outcome: Outcome) -> None:
    with scripted({"GET /v1/models/owner/name": answer}) as script:
        assert create(script) == outcome
    assert script.paths() == ["GET /v1/models/owner/name"]


def test_a_connection_that_is_cut_after_sending_is_unclear() -> None:
    with scripted({"POST /v1/predictions": None}) as script:
        assert create(script, HASH) == Unknown("ProtocolError")
    assert script.paths() == ["POST /v1/predictions"]


def test_a_refused_connection_costs_nothing() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound, but not listening
        assert create(f"http://127.0.0.1:{closed.getsockname()[1]}/v1", HASH) == NotTaken("NewConnectionError", 10)


def test_without_a_token_nothing_is_sent_and_the_log_says_why() -> None:
    with scripted({}) as script:
        for version in ("owner/name", HASH):
            outcome = create(script, version, token=no_token)
            assert outcome == NotTaken("no token: ResourceNotFoundException", 300, operators_fault=True)
    assert script.asked == []


@pytest.mark.parametrize("code", ["DeadlineExceeded", "ThrottlingException", "ConnectFailed"])
def test_a_token_that_could_not_be_read_is_read_again_soon(code: str) -> None:
    def away() -> str:
        raise AwsError(code, 0, "no answer")

    with scripted({}) as script:
        assert create(script, HASH, token=away) == NotTaken(f"no token: {code}", 10)
    assert script.asked == []


def test_a_redirect_is_not_followed_with_the_token() -> None:
    with scripted({"POST /v1/predictions": (307, b"")}) as script:
        assert create(script, HASH) == Unknown("status 307")
    assert script.paths() == ["POST /v1/predictions"]


NO_LISTS: list[Any] = [{}, None, [None], ["a"], [{"id": "a"}], [{"id": 7, "status": "x"}]]
NO_PAGES: list[Any] = [(404, {}), (500, {}), (200, b"<html>"), (200, []), (200, {"detail": "no"}), None]


def items(*ids: str) -> list[dict[str, str]]:
    return [{"id": each, "status": "succeeded"} for each in ids]


def test_the_list_is_read_to_its_end() -> None:
    with scripted({}) as script:
        script.answers[LIST] = (
            200,
            {"results": items("c", "b"), "next": f"{script.url}/predictions?cursor=x"},
        )
        script.answers["GET /v1/predictions?cursor=x"] = 200, {"results": items("a"), "next": None}
        found = list(Replicate(script.url, token).created_since(SINCE))
    assert [item["id"] for item in found] == ["c", "b", "a"]


def test_a_malformed_item_hides_no_other_and_is_reported_in_the_end() -> None:
    listed: list[str] = []
    page = {"results": [*items("c"), None, *items("a")], "next": None}
    with scripted({LIST: (200, page)}) as script, pytest.raises(ReplicateUnavailable):
        listed.extend(item["id"] for item in Replicate(script.url, token).created_since(SINCE))
    assert listed == ["c", "a"]


@pytest.mark.parametrize("answer", [*NO_PAGES, *((200, {"results": results}) for results in NO_LISTS)])
@pytest.mark.parametrize("page", ["first", "second"])
def test_a_list_with_a_missing_page_proves_nothing(answer: Any, page: str) -> None:
    with scripted({}) as script:
        following = f"{script.url}/predictions?cursor=x"
        script.answers[LIST] = answer if page == "first" else (200, {"results": items("a"), "next": following})
        script.answers["GET /v1/predictions?cursor=x"] = answer
        with pytest.raises(ReplicateUnavailable):
            list(Replicate(script.url, token).created_since(SINCE))


def test_the_next_page_is_never_asked_for_on_another_host() -> None:
    with scripted({}) as other, scripted({}) as script:
        script.answers[LIST] = 200, {"results": [], "next": f"{other.url}/predictions"}
        with pytest.raises(ReplicateUnavailable):
            list(Replicate(script.url, token).created_since(SINCE))
    assert other.asked == []


def test_a_missing_prediction_is_none_and_an_unreadable_one_is_an_error() -> None:
    with scripted({"GET /v1/predictions/b": (502, {}), "GET /v1/predictions/c": (200, b"[]")}) as script:
        client = Replicate(script.url, token)
        assert client.get("a") is None
        for unreadable in ("b", "c"):
            with pytest.raises(ReplicateUnavailable):
                client.get(unreadable)


def test_the_account_query_shows_that_the_token_is_valid() -> None:
    who = {"type": "organization", "username": "vsl"}
    with scripted({"GET /v1/account": (200, who)}) as script:
        assert Replicate(script.url, token).account() == who
    with scripted({"GET /v1/account": (401, {"detail": "no"})}) as script, pytest.raises(ReplicateUnavailable):
        Replicate(script.url, token).account()
