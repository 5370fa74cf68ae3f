"""The seed alone determines a load, which has every kind of request."""

import json
import random

from chaos.load import KINDS, Wish, wanted

URL = "https://client.example/done"


def chosen(seed: int, count: int = 400) -> list[Wish]:
    chance = random.Random(seed)
    return [wanted(chance, URL) for _ in range(count)]


def test_the_same_seed_asks_for_the_same() -> None:
    assert chosen(1) == chosen(1) != chosen(2)


def test_every_kind_is_asked_for_some_with_callbacks_and_some_canceled() -> None:
    made = chosen(1)
    plain = {json.dumps({name: value for name, value in wish.body.items() if name != "callbackUrl"}) for wish in made}
    assert plain == {json.dumps(kind) for _, kind in KINDS}
    assert 20 < sum("callbackUrl" in wish.body for wish in made) < 80
    assert 5 < sum(wish.canceled for wish in made) < 50
    assert 40 < sum(wish.repeated for wish in made) < 150
    assert sum(share for share, _ in KINDS) == 100
