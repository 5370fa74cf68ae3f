"""A look-up that takes long needs one of its user's places; without one the address is left to the deliveries."""

from contextlib import AbstractContextManager, nullcontext

import pytest

from mediagen.errors.refusals import InvalidFields
from mediagen.outbound import callback_urls
from mediagen.outbound.callback_urls import CallbackUrls
from unit.outbound.test_callback_urls import PUBLIC, USER, forever


def test_a_slow_look_up_without_a_place_is_left_to_the_deliveries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callback_urls, "FAST_SECONDS", 0.01)
    asked: list[str] = []

    def full(user_id: str) -> AbstractContextManager[bool]:
        asked.append(user_id)
        return nullcontext(False)

    urls = CallbackUrls(PUBLIC, forever, place=full)
    urls.check("https://hooks.example.com/", USER)
    with pytest.raises(InvalidFields):
        urls.check("http://hooks.example.com/", USER)
    assert asked == [USER]


def test_a_batch_without_a_place_waits_for_no_further_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callback_urls, "FAST_SECONDS", 0.01)
    asked: list[str] = []

    def full(user_id: str) -> AbstractContextManager[bool]:
        asked.append(user_id)
        monkeypatch.setattr(callback_urls, "FAST_SECONDS", 60.0)  # who waits now waits beyond the test's time
        return nullcontext(False)

    urls = CallbackUrls(PUBLIC, forever, place=full).together()
    for _ in range(100):
        urls.check("https://hooks.example.com/", USER)
    assert asked == [USER]
