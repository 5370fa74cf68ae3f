"""Reading back the result that is stored beside a job's files."""

import hashlib
import json
from decimal import Decimal
from typing import Any

import pytest

from mediagen.media.stored_result import read_result
from unit.samples import NOW, REPLICATE_ID
from unit.stored import FILE, FOLDER, LEFT_OUT, description

KEY = f"{FOLDER}metadata.json"


def test_a_description_says_all_that_completes_the_job() -> None:
    body = description()
    result = read_result(body, KEY)
    assert result is not None
    assert (result.replicate_id, result.cost, result.metrics) == (REPLICATE_ID, Decimal("0.003"), {"predict_time": 4.2})
    assert (result.stored_at, result.left_out) == (NOW, (LEFT_OUT,))
    [file, itself] = result.outputs
    assert file == FILE
    assert (itself.kind, itself.key, itself.bytes) == ("metadata", KEY, len(body))
    assert itself.sha256 == hashlib.sha256(body).hexdigest()


def test_one_of_before_outputs_could_be_left_out_is_complete() -> None:
    document = json.loads(description())
    del document["leftOut"], document["partial"]
    result = read_result(json.dumps(document).encode(), KEY)
    assert result is not None
    assert result.left_out == ()


@pytest.mark.parametrize(
    "changes", [{"files": []}, {"files": [{}]}, {"cost": None}, {"cost": "much"}, {"storedAt": "soon"}, {"metrics": 3}]
)
def test_a_foreign_description_is_none(changes: dict[str, Any]) -> None:
    assert read_result(json.dumps(json.loads(description()) | changes).encode(), KEY) is None


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b"null", b"[" * 100_000])
def test_a_document_that_is_no_json_object_is_none(body: bytes) -> None:
    assert read_result(body, KEY) is None
