"""Each fuzzing exception refers to an operation and a model that still exist."""

import tomllib

import pytest
from requests import Request

from contract.answers import judge
from fuzz.expectations import BEYOND_THE_SCHEMA, MODELS, Signed, for_a_known_model
from fuzz.running import CONFIGURATION, NAMES
from mediagen.errors.refusals import InvalidSignature
from mediagen.replicate.webhook_signatures import verify
from mediagen.times import utc_now

JUDGE = judge()
OPERATIONS = {
    operation["operationId"]: operation
    for item in JUDGE.document["paths"].values()
    for operation in item.values()
    if "operationId" in operation
}
SECRET = "whsec_c2VjcmV0"


@pytest.mark.parametrize("name", BEYOND_THE_SCHEMA)
def test_refusals_beyond_the_schema_are_documented(name: str) -> None:
    answers = map(JUDGE.whole, OPERATIONS[name]["responses"].values())
    told = [answer.get("content", {}).get("application/problem+json", {}) for answer in answers]
    codes = {code for content in told if content for code in content["schema"]["properties"]["code"]["enum"]}
    assert BEYOND_THE_SCHEMA[name].keys() <= codes


def test_the_two_users_are_the_peers_of_the_configuration() -> None:
    assert tomllib.loads(CONFIGURATION.read_text())["auth"]["wfc"]["peers"] == list(NAMES)


@pytest.mark.parametrize("media_type", MODELS)
def test_about_half_of_the_right_requests_name_a_model_there_is(media_type: str) -> None:
    asked = [{"mediaType": media_type, "modelId": f"model {number}"} for number in range(100)]
    made = [for_a_known_model(body) for body in asked]
    assert 30 < sum(body["modelId"] == MODELS[media_type] for body in made) < 70


@pytest.mark.parametrize("body", [b'{"id": "p"}', b"", "ü".encode()])
def test_webhooks_are_signed_over_the_bytes_that_are_sent(body: bytes) -> None:
    request = Request("POST", "http://api.example/webhook/replicate", data=body, auth=Signed(SECRET)).prepare()
    headers = {name.lower(): str(value) for name, value in request.headers.items()}
    verify(headers, body, [SECRET], utc_now())
    with pytest.raises(InvalidSignature):
        verify(headers, body + b" ", [SECRET], utc_now())
