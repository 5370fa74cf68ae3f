"""`make access` together with its function."""

import json
from argparse import Namespace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from authorize.handler import lambda_handler as authorize
from common.deployer import Deployer
from common.problems import SetupProblem
from common.progress import Progress
from deploy.access import make_key
from deploy.keys import list_users, revoke, rotate
from deploy.preflight import Place
from integration.flows.events import Context, authorizer_event
from integration.flows.world import World
from manage_access.handler import lambda_handler as manage_access

PLACE = Place(Path(), {}, Progress(StringIO()))


class Functions(Deployer):
    """The function itself, with answers as Lambda returns them."""

    def __init__(self) -> None:
        pass

    def manage_access(self, action: str, **fields: Any) -> Any:
        return json.loads(json.dumps(manage_access({"action": action, **fields}, Context())))


def given(**typed: str) -> Namespace:
    return Namespace(**{"environment": "test", "user": "", "key": "", "hours": ""} | typed)


def works(key: str) -> bool:
    verdict: Any = authorize(authorizer_event({"Authorization": f"Bearer {key}"}), Context(5))
    return bool(verdict["context"]["userId"])


def test_a_key_is_made_listed_rotated_and_revoked(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    def printed() -> list[str]:
        return [line for line in capsys.readouterr().out.splitlines() if not line.startswith("{")]

    functions = Functions()
    make_key(given(user="alice"), functions, PLACE)
    [old] = printed()
    rotate(given(key=old[-4:], hours="2"), functions, PLACE)
    [new] = printed()
    assert works(old) and works(new)
    revoke(given(user="alice", key=new[-4:]), functions, PLACE)
    printed()
    assert works(old) and not works(new)
    list_users(given(user="alice"), functions, PLACE)
    user, first, second = printed()
    assert user.startswith("alice  ")
    assert f"…{old[-4:]}  alice  since 20" in first and "  ends 20" in first
    assert f"…{new[-4:]}  alice  since 20" in second and "  revoked 20" in second
    with pytest.raises(SetupProblem, match="there is no key"):
        revoke(given(key=new[-4:]), functions, PLACE)
