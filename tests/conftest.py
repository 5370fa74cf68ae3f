"""Interrupted tests stop their servers: SIGTERM and SIGHUP end pytest as Ctrl-C does, with the fixtures' teardown."""

from common import interruption


def pytest_configure() -> None:
    interruption.end_in_order()
