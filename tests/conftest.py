"""Settings of all tests: loopback calls bypass a proxy, and interrupted tests stop their servers.

SIGTERM and SIGHUP end pytest as Ctrl-C does, with the fixtures' teardown.
"""

import os

from common import interruption
from common.loopback import bypass_proxy


def pytest_configure() -> None:
    interruption.end_in_order()
    bypass_proxy(os.environ)
