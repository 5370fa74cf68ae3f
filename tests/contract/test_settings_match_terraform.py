"""Each function reads exactly the environment variables that Terraform gives it."""

from dataclasses import Field, fields
from decimal import Decimal
from importlib import import_module

import pytest

from contract.terraform_functions import ROOT, argument, environment, functions, functions_tf
from mediagen.settings import StoreUrl

NAMES = list(functions())


def settings_of(name: str) -> set[str]:
    """Return the variables that a function's Settings read."""
    kind = import_module(f"{name}.handler").Settings
    return {variable for field in fields(kind) for variable in variables_of(field)}


def variables_of(field: Field[object]) -> set[str]:
    """Return the variables of a field; a store has its URL or the parameter that holds the URL."""
    name = field.name.upper()
    return {name, f"{name}_PARAMETER"} if field.type is StoreUrl else {name}


@pytest.mark.parametrize("name", NAMES)
def test_terraform_sets_exactly_the_variables_that_a_function_reads(name: str) -> None:
    assert environment(functions()[name]) == settings_of(name)


@pytest.mark.parametrize("name", ["ENVIRONMENT", "LOG_LEVEL"])
def test_every_function_gets_the_variables_of_log_lines_from_one_place(name: str) -> None:
    assert f"{name} =" not in functions_tf()
    assert f"{name} =" in (ROOT / "terraform" / "modules" / "function" / "main.tf").read_text()


@pytest.mark.parametrize("name", NAMES)
def test_numbers_are_numbers_on_both_sides(name: str) -> None:
    kind = import_module(f"{name}.handler").Settings
    for field in fields(kind):
        assert field.type in (int, int | None, Decimal | None, str, str | None, StoreUrl)
        if field.type not in (str, str | None, StoreUrl):
            assert field.name in {
                "rate_limit_per_hour",
                "replicate_creates_per_minute",
                "concurrent_jobs",
                "monthly_budget",
                "failures_per_address",
                "max_output_bytes",
                "max_outputs",
                "derivative_timeout_seconds",
                "link_seconds",
                "waiting_requests",
            }


def test_lists_are_joined_as_they_are_split() -> None:
    assert argument(functions()["process_webhook"], "ALLOWED_OUTPUT_HOSTS") == 'join(",", var.replicate.output_hosts)'
    assert 'callback_origins = join(",", var.api.callback_origins)' in functions_tf()
    assert 'allowed_output_hosts.split(",")' in (ROOT / "lambdas" / "process_webhook" / "wiring.py").read_text()


def test_pages_that_may_call_the_api_may_read_its_links() -> None:
    bucket = (ROOT / "terraform" / "stores.tf").read_text().partition('module "media_bucket" {')[2].partition("\n}")[0]
    assert argument(bucket, "cors_origins") == "var.api.cors_origins"
