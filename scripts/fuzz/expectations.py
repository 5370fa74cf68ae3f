"""Knowledge that schemathesis lacks: refusals of valid requests, known models, signatures of webhooks."""

import json
import os
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from zlib import crc32

import schemathesis
from requests import PreparedRequest
from requests.auth import AuthBase
from schemathesis import Case, CheckContext, HookContext, Response
from schemathesis.core.parameters import ParameterLocation

from common.media import PICTURE
from mediagen.replicate.webhook_signatures import sign

type AnyCase = Case[Any]

WEBHOOK_SECRET = "FUZZ_WEBHOOK_SECRET"
MODELS = {"video": "stability-video", "image": "flux-schnell", "audio": "musicgen"}

# Refusals of requests that the document allows, by operation: the code, and of wrong fields where each path begins.
_PARAMS = ("params", "prompt", "deadlineSeconds", "callbackUrl")  # each model has its own; hosts are looked up
_BODY: dict[str, tuple[str, ...]] = {"invalid_request": (), "idempotency_key_reused": (), "budget_exceeded": ()}
BEYOND_THE_SCHEMA: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "generateMedia": _BODY | {"unknown_model": ("modelId",), "invalid_fields": _PARAMS},
    "generateBatch": _BODY | {"batch_refused": ("requests",)},
    "retryJob": {"idempotency_key_reused": (), "budget_exceeded": (), "unknown_model": ("modelId",)},
    "listJobs": {"invalid_fields": ("cursor",)},
    "getUsage": {"invalid_fields": ("from", "to")},
}
_HELD = {HTTPStatus.BAD_REQUEST, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.UNPROCESSABLE_CONTENT}


@schemathesis.check
def refused_beyond_the_schema(_context: CheckContext, response: Response, case: AnyCase) -> None:
    """Fail if a valid request is refused for a reason that the schema should express."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code not in _HELD:
        return
    name, told = operation_id(case), response.json()
    paths = BEYOND_THE_SCHEMA.get(name, {}).get(told["code"])
    assert paths is not None, f"{name} refuses with {told['code']} what the document allows"
    wrong = [error["path"] for error in told.get("errors", []) if not error["path"].startswith(paths)]
    assert not wrong, f"{name} refuses {', '.join(wrong)}, which the document allows"


def operation_id(case: AnyCase) -> str:
    """Return the operationId of an operation."""
    return str(case.operation.definition.raw["operationId"])


class Signed(AuthBase):
    """Signs a webhook as Replicate does, over the bytes that are sent."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        body = request.body or b""
        written = body if isinstance(body, bytes) else str(body).encode()
        now = str(int(time.time()))
        request.headers["webhook-id"], request.headers["webhook-timestamp"] = "msg_fuzz", now
        request.headers["webhook-signature"] = f"v1,{sign(self._secret, 'msg_fuzz', now, written)}"
        return request


@schemathesis.hook
def before_call(_context: HookContext, case: AnyCase, kwargs: dict[str, Any]) -> None:
    """Use known models in half of the valid requests and sign webhooks, which random values never achieve."""
    if case.meta is None:
        return
    name = operation_id(case)
    if name == "receiveWebhook" and not case.meta.is_negative_at(ParameterLocation.HEADER):
        kwargs["auth"] = Signed(os.environ[WEBHOOK_SECRET])
    if name == "generateMedia" and case.meta.generation.mode.is_positive:
        case.body = for_a_known_model(case.body)


def for_a_known_model(body: Any) -> Any:
    """Change about every second request so that it is accepted; keep all other values."""
    if not isinstance(body, dict) or crc32(json.dumps(body, sort_keys=True).encode()) % 2:
        return body
    known = body | {"modelId": MODELS[body["mediaType"]]}
    if body["mediaType"] == "video":  # its model has no prompt
        return {name: value for name, value in known.items() if name != "prompt"} | {"params": {"input_image": PICTURE}}
    return known | {"params": {}, "prompt": body.get("prompt", "a lighthouse")}
