"""The default catalogue matches the models: names, required inputs, choices and bounds."""

import pytest

from contract.default_catalogue import default_models
from replicate_simulator.catalogue import Catalogue, Model
from replicate_simulator.validation import invalid_fields

MODELS = {entry["version"]: entry for entry in default_models()}


def model_of(version: str) -> Model:
    return Catalogue.read().models[version]


@pytest.mark.parametrize("version", MODELS)
def test_only_inputs_that_the_model_has_are_offered(version: str) -> None:
    entry, model = MODELS[version], model_of(version)
    assert set(entry["supportedParams"]) <= model.input.keys()
    assert set(entry["inputSchema"]["properties"]) <= set(entry["supportedParams"])
    assert set(model.input_schema["required"]) <= set(entry["inputSchema"]["required"])


@pytest.mark.parametrize("version", MODELS)
def test_each_value_at_a_bound_or_among_the_choices_is_valid_at_replicate(version: str) -> None:
    model = model_of(version)
    for name, schema in MODELS[version]["inputSchema"]["properties"].items():
        bounds = [schema[bound] for bound in ("minimum", "maximum") if bound in schema]
        for value in (*schema.get("enum", ()), *bounds):
            assert invalid_fields(value, model.input_schema["properties"][name], name) == []
