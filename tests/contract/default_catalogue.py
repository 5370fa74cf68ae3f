"""The models of Terraform's default catalogue."""

from typing import Any

from common.paths import ROOT
from terraform_source import literal, parse


def default_models() -> list[dict[str, Any]]:
    """Return the entries of the variable `models`."""
    name = "variables_models.tf"
    (variable,) = parse((ROOT / "terraform" / name).read_text(), name).inside("variable")
    media_types: dict[str, dict[str, Any]] = literal(variable.arguments["default"].tree)
    return [entry for models in media_types.values() for entry in models.values()]
