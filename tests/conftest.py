"""Settings of all tests: loopback calls bypass a proxy, and interrupted tests stop their servers.

SIGTERM and SIGHUP end pytest as Ctrl-C does, with the fixtures' teardown.
"""

import gc
import os

from common import interruption
from common.loopback import bypass_proxy

# Collections took 17 % of the CPU time of the unit tests: what is imported and collected lives until the end anyway.
COLLECT_AFTER = (100_000, 50, 100)


def pytest_configure() -> None:
    gc.set_threshold(*COLLECT_AFTER)
    interruption.end_in_order()
    bypass_proxy(os.environ)


def pytest_collection_finish() -> None:
    gc.freeze()
