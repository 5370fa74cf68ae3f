"""A smoke test confirms that the platform works, or says where to look."""

from collections.abc import Iterator

import pytest

from integration.common.fake_api import Api
from integration.deploy.checkout import Checkout


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as api:
        yield api


@pytest.fixture
def applied(checkout: Checkout, api: Api, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """An environment whose API is the fake one, and its key."""
    checkout.values("disposable = true", f'api_url = "{api.url}"')
    monkeypatch.setenv("CONFIRM", checkout.prefix)
    checkout.run("apply", "dev")
    monkeypatch.setenv("VSL_API_KEY", "key")
    return checkout


def test_a_working_platform_is_reported_with_cost_and_seconds(applied: Checkout) -> None:
    done = applied.run("smoke", "dev")
    assert done.code == 0, done.err
    first, *_, last = done.out.splitlines()
    assert first.endswith("one image by flux-schnell, about $0.003")
    assert last.startswith(f"{applied.prefix} works: original.ppm (16x16, 781 bytes) and 2 more files are sound, ")
    assert "A request without a key: answered 401" in done.out


def test_each_failure_names_the_log_that_explains_it(
    applied: Checkout, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def problem() -> str:
        done = applied.run("smoke", "dev")
        assert (done.code, len(done.problems)) == (1, 1)
        return done.problems[0]

    api.accepting = 503
    assert problem().endswith("Look in the log group /aws/generate_media (make migrate and make secrets come first)")
    api.accepting, api.statuses = 202, [{"status": "failed", "error": {"code": "no_output"}}]
    assert "no_output" in problem()
    assert problem().endswith("Look in the log group /aws/process_webhook")
    api.statuses = [api.completed()]
    api.files["original.ppm"] = b"cut"
    assert problem().startswith(
        "original.ppm: it has 3 bytes instead of the 781 in the status. Look in the log group /aws/process"
    )
    monkeypatch.setenv("VSL_API_KEY", "wrong")
    assert "answered with 401: {}. Look in the log group /aws/authorize (the key may be wrong" in problem()
    api.guarded = False
    assert problem() == "a request without a key was answered 200 instead of 401. Look in the log group /aws/api"
    api.shutdown()
    api.server_close()
    assert problem().startswith(f"{api.url} cannot be reached: ")


def test_before_the_first_apply_there_is_no_api(checkout: Checkout) -> None:
    assert checkout.run("smoke", "dev").problems == ["there is no API yet: run make apply ENV=dev"]
