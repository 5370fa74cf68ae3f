"""Health checks: open and cheap without a key, thorough and bounded with one, and without reasons in the answer."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from check_health.flow import BELIEVED, KEPT, MOST_KEYS, Check, Memory, Ports, ask, check_health
from mediagen.access.api_keys import hash_key, new_key
from mediagen.access.authenticate import Judges
from mediagen.errors.refusals import InvalidFields, TooManyFailures, Unauthorized, Unavailable
from mediagen.http.edge import Request, Response
from unit.conftest import Logged
from unit.failed_keys import FailedKeys

NOW = datetime(2026, 11, 22, 17, tzinfo=UTC)
KEY = new_key("vsl_test")
LIMIT = 3


@dataclass
class Bench:
    """A container with two parts, which count their checks."""

    broken: dict[str, object] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    looked_up: list[bytes] = field(default_factory=list)
    database_is_away: bool = False
    memory: Memory = field(default_factory=Memory)
    failed_keys: FailedKeys = field(default_factory=FailedKeys)

    def check(self, query: Mapping[str, str] | None = None, key: str = KEY, now: datetime = NOW) -> Response:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        request = Request(headers, {}, {"deep": "1"} if query is None else query, b"", "", "r")
        judges = Judges(self._find_user, self.failed_keys, LIMIT)
        ports = Ports({"cache": self._part("cache"), "replicate": self._part("replicate")}, judges, "r1")
        return check_health(request, now=now, ports=ports, memory=self.memory)

    def _part(self, name: str) -> Check:
        def check() -> object:
            self.asked.append(name)
            answer = self.broken.get(name, True)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return check

    def _find_user(self, digest: bytes, _now: datetime) -> str | None:
        self.looked_up.append(digest)
        if self.database_is_away:
            raise Unavailable("The database cannot be reached.", retry_after_seconds=5)
        return "user-1" if digest == hash_key(KEY) else None


@pytest.mark.parametrize("query", [{}, {"deep": "0"}])
def test_without_a_key_it_says_that_it_answers_and_asks_nothing(query: dict[str, str]) -> None:
    bench = Bench()
    answer = bench.check(query, key="")
    assert (answer.status, answer.body) == (200, {"status": "ok", "release": "r1"})
    assert (bench.asked, bench.looked_up) == ([], [])


def test_a_deep_check_tells_of_each_part() -> None:
    answer = Bench().check()
    body: Any = answer.body
    assert (answer.status, body["status"], body["checkedAt"]) == (200, "ok", "2026-11-22T17:00:00.000Z")
    assert {name: part["status"] for name, part in body["parts"].items()} == {"cache": "ok", "replicate": "ok"}
    assert all(part["milliseconds"] >= 0 for part in body["parts"].values())


@pytest.mark.parametrize("broken", [False, ConnectionRefusedError(111, "10.0.3.7 said: vendor text")])
def test_a_failed_part_gives_503_without_the_reason(broken: object, logged: Logged) -> None:
    answer = Bench(broken={"cache": broken}).check()
    body: Any = answer.body
    assert (answer.status, body["status"]) == (503, "failed")
    assert (body["parts"]["cache"]["status"], body["parts"]["replicate"]["status"]) == ("failed", "ok")
    assert "vendor" not in json.dumps(body)
    lines = logged()
    assert [line["metadata"]["part"] for line in lines if line["action"] == "health.failed"] == ["cache"]
    assert any("ECONNREFUSED" in (line["error"] or "") for line in lines) is bool(broken)
    assert "vendor" not in json.dumps(lines)


@pytest.mark.parametrize("key", ["", "not-a-key", new_key("vsl_test")])
def test_a_deep_check_without_a_key_that_holds_is_401_and_asks_no_part(key: str) -> None:
    bench = Bench()
    with pytest.raises(Unauthorized):
        bench.check(key=key)
    assert bench.asked == []


def test_only_keys_that_could_be_ours_are_looked_up() -> None:
    bench = Bench()
    for key in ("", "not-a-key", KEY + "x"):
        with pytest.raises(Unauthorized):
            bench.check(key=key)
    assert bench.looked_up == []


def test_a_key_that_was_found_is_believed_as_long_as_the_authorizer_believes_it() -> None:
    bench = Bench()
    bench.check()
    bench.check(now=NOW + BELIEVED - timedelta(seconds=1))
    assert len(bench.looked_up) == 1
    bench.check(now=NOW + BELIEVED)
    assert len(bench.looked_up) == 2


def test_cached_keys_see_the_database_outage_and_others_get_a_retry_after() -> None:
    bench = Bench()
    bench.check()
    bench.database_is_away = True
    assert bench.check(now=NOW + KEPT).status == 200
    with pytest.raises(Unavailable):
        bench.check(key=new_key("vsl_test"))


def test_a_health_result_is_cached_for_some_seconds() -> None:
    bench = Bench()
    first = bench.check()
    bench.broken["cache"] = False
    assert bench.check(now=NOW + KEPT - timedelta(seconds=1)).body == first.body
    assert len(bench.asked) == 2
    assert bench.check(now=NOW + KEPT).status == 503


def test_the_number_of_cached_keys_is_bounded() -> None:
    bench = Bench(memory=Memory(keys={bytes([number]) * 32: NOW + BELIEVED for number in range(MOST_KEYS)}))
    bench.check()
    assert list(bench.memory.keys) == [hash_key(KEY)]


@pytest.mark.parametrize("deep", ["2", "", "true", "01"])
def test_another_word_than_one_or_zero_is_refused(deep: str) -> None:
    with pytest.raises(InvalidFields) as refused:
        Bench().check({"deep": deep})
    assert refused.value.errors[0].path == "deep"


def test_parts_are_asked_at_once_and_one_that_hangs_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("check_health.flow.DEADLINE_SECONDS", 0.2)
    meeting, never = threading.Barrier(2, timeout=10), threading.Event()
    checks: dict[str, Check] = {"a": meeting.wait, "b": meeting.wait, "hangs": lambda: never.wait(10)}
    try:
        found = ask(checks)
    finally:
        never.set()
    assert {name: part["status"] for name, part in found.items()} == {"a": "ok", "b": "ok", "hangs": "failed"}
    assert found["hangs"]["milliseconds"] == 200


def test_wrong_keys_are_slowed_here_as_they_are_by_the_authorizer() -> None:
    bench = Bench()
    for _ in range(LIMIT):
        with pytest.raises(Unauthorized):
            bench.check(key=new_key("vsl_test"))
    with pytest.raises(TooManyFailures):
        bench.check(key=new_key("vsl_test"))
    assert len(bench.looked_up) == LIMIT
    assert bench.asked == []
