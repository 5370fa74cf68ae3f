"""All Redis calls go through one function, which bounds each call and opens the circuit after a time-out."""

from pathlib import Path

import mediagen
from mediagen.cache.cache import Cache
from mediagen.cache.failed_keys import FailedKeys

LAYER = Path(mediagen.__path__[0])
LAMBDAS = LAYER.parents[3] / "lambdas"
SOURCES = [*LAYER.rglob("*.py"), *LAMBDAS.rglob("*.py")]


def test_only_the_caches_folder_knows_the_client() -> None:
    assert {path.parent for path in SOURCES if "from redis" in path.read_text()} == {LAYER / "cache"}


def test_the_wrong_key_counter_uses_the_caches_client() -> None:
    assert FailedKeys._ask is Cache._ask
