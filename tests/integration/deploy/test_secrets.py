"""The two secrets go from Replicate to Secrets Manager, and are never shown."""

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.deploy.checkout import Checkout
from local_cloud.replicate import made_up_token, made_up_webhook_secret
from local_cloud.simulator import simulator_server

TOKEN, SIGNING = made_up_token(), made_up_webhook_secret()


@pytest.fixture(scope="module")
def replicate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with simulator_server(tmp_path_factory.mktemp("simulator"), api_token=TOKEN, webhook_secret=SIGNING) as url:
        yield f"{url}/v1"


@pytest.fixture(autouse=True)
def token(replicate: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLICATE_BASE_URL", replicate)
    monkeypatch.setattr(sys, "stdin", io.StringIO(TOKEN))


@pytest.fixture
def manager(empty: Checkout, client: Any) -> Any:
    """Secrets Manager with the two empty secrets, as Terraform makes them."""
    manager = client("secretsmanager")
    for name in ("replicate-api-token", "replicate-webhook-secrets"):
        manager.create_secret(Name=f"{empty.prefix}/{name}")
    return manager


def values(manager: Any, prefix: str) -> list[str]:
    names = (f"{prefix}/replicate-api-token", f"{prefix}/replicate-webhook-secrets")
    return [manager.get_secret_value(SecretId=name)["SecretString"] for name in names]


def told(out: str) -> list[str]:
    return [line.partition(": ")[2] for line in out.splitlines() if line.startswith("vsl-")]


def test_both_are_written_once_and_then_left_alone(empty: Checkout, manager: Any) -> None:
    first = empty.run("secrets", "dev")
    assert (first.code, told(first.out)) == (0, ["written", "written"]), first.err
    assert values(manager, empty.prefix) == [TOKEN, SIGNING]
    assert first.out.endswith("Next: make migrate ENV=dev\n")
    sys.stdin.seek(0)
    again = empty.run("secrets", "dev")
    assert told(again.out) == ["unchanged", "unchanged"]
    for done in (first, again):
        assert TOKEN not in done.out + done.err
        assert SIGNING not in done.out + done.err


def test_a_new_signing_secret_replaces_the_old_one_in_two_steps(empty: Checkout, manager: Any) -> None:
    manager.put_secret_value(SecretId=f"{empty.prefix}/replicate-webhook-secrets", SecretString="whsec_old")
    manager.put_secret_value(SecretId=f"{empty.prefix}/replicate-api-token", SecretString="r8_old")
    done = empty.run("secrets", "dev")
    assert told(done.out) == ["new", "new; the one before goes on working until the next make secrets"]
    assert values(manager, empty.prefix) == [TOKEN, f"{SIGNING} whsec_old"]
    sys.stdin.seek(0)
    assert told(empty.run("secrets", "dev").out) == ["unchanged", "the one before has ended"]
    assert values(manager, empty.prefix) == [TOKEN, SIGNING]


def test_a_token_replicate_refuses_is_not_written(
    empty: Checkout, manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPLICATE_API_TOKEN", made_up_token())
    done = empty.run("secrets", "dev")
    assert (done.code, done.problems) == (1, ["Replicate refused the token (HTTP 401): check REPLICATE_API_TOKEN"])
    with pytest.raises(manager.exceptions.ResourceNotFoundException):
        values(manager, empty.prefix)


def test_before_the_first_apply_there_is_nowhere_to_put_them(empty: Checkout, tmp_path: Path) -> None:
    assert empty.run("secrets", "dev").problems == [
        f"there is no secret {empty.prefix}/replicate-api-token yet: run make apply ENV=dev first"
    ]
