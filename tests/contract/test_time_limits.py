"""The wait for Parameter Store is short enough that the function can still answer."""

import pytest

from contract.terraform_functions import argument, environment, functions
from mediagen.aws.limits import AUTHORIZING, STARTING

READS_OF_AUTHORIZE = 3  # Redis, PostgreSQL, and Redis again for the cached keys


def seconds_of(name: str) -> int:
    return int(argument(functions()[name], "timeout_seconds").split("#")[0])


READERS = [name for name, block in functions().items() if any("_URL_PARAMETER" in name for name in environment(block))]


@pytest.mark.parametrize("name", [name for name in READERS if name != "authorize"])
def test_a_function_outlives_its_first_read_of_a_parameter(name: str) -> None:
    assert STARTING.deadline_seconds <= seconds_of(name) - 2


def test_authorize_outlives_all_its_reads() -> None:
    assert READS_OF_AUTHORIZE * AUTHORIZING.deadline_seconds <= seconds_of("authorize") - 1
