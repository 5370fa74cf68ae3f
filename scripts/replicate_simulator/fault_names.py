"""Every fault by name: its effect, its routes, and its options with their defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ANSWERED = ("create", "get", "list", "cancel", "model", "models", "versions", "secret", "account", "file")
FOREIGN = "https://files.example.com/out-0.png"
LENGTHS = ("honest", "chunked", "close", "short", "long")
METADATA = "http://169.254.169.254/latest/meta-data/"
NSFW = "NSFW content detected. Try running it again, or try a different prompt."
CONTRADICTING_ERROR = "Prediction failed (E1000)"
OUT_OF_MEMORY = "Model ran out of memory (E1001). Try a smaller input."


@dataclass(frozen=True)
class Fault:
    """A fault; `on` lists its possible routes, the default first."""

    summary: str
    options: Mapping[str, Any] = field(default_factory=dict)
    on: tuple[str, ...] = ("create",)


# An option whose default is None may be left out.
ANSWERS = {
    "status": Fault(
        "answers a problem document; `401 402 404 422 429 500 502 503` are short names",
        {
            "status": 500,
            "detail": None,
            "title": None,
            "retry_after": 5,
            "header": False,
            "html": False,
            "field": "input.prompt",
            "type": "enum",
            "description": 'prompt must be one of the following: "something else"',
        },
        ANSWERED,
    ),
    "slow": Fault("acts at once and answers late", {"seconds": 5.0}, ANSWERED),
    "cut-before-accept": Fault("closes the connection and does nothing", on=ANSWERED),
    "cut-after-accept": Fault("acts (the prediction exists) and closes without an answer", on=ANSWERED),
    "answer-202": Fault("answers 202 instead of 201"),
    "list-without-webhook": Fault("list items have no `webhook`", on=("list-item",)),
    "list-malformed": Fault(
        "list items lack this field; without the option they are null", {"without": None}, ("list-item",)
    ),
    "other-account": Fault("answers as for a token of another account", on=("account", "list", "get")),
}

ENDINGS = {
    "failed": Fault("ends `failed` with this error text", {"error": CONTRADICTING_ERROR}),
    "nsfw": Fault("ends `failed`: content refused", {"error": NSFW}),
    "out-of-memory": Fault("ends `failed`: E1001", {"error": OUT_OF_MEMORY}),
    "canceled": Fault("is canceled by Replicate while it runs"),
    "aborted": Fault("ends `aborted` before it runs"),
    "never-starts": Fault("stays `starting` until canceled or its deadline"),
    "never-finishes": Fault("stays `processing` until canceled or its deadline"),
    "takes": Fault("runs this long", {"seconds": 10.0}),
    "long-logs": Fault("writes logs of this size", {"kilobytes": 300}),
}

# Wrong answers about a prediction that itself is right.
VIEWS = {
    "list-lag": Fault("the list does not show it for so long", {"seconds": 600.0}),
    "get-lag": Fault("GET answers 404 for so long", {"seconds": 600.0}),
    "list-stale": Fault("for so long after its end the list says `processing`", {"seconds": 120.0}),
    "get-stale": Fault("for so long after its end GET says `processing`", {"seconds": 120.0}),
    "list-contradicts": Fault("once it has ended the list says this status, without output", {"status": "failed"}),
    "get-contradicts": Fault("once it has ended GET says this status, without output", {"status": "failed"}),
    "webhook-removed": Fault("its `webhook` is removed together with its data"),
    "odd-values": Fault("puts NaN, Infinity, lone surrogates and NUL into input, metrics, logs and error"),
}

OUTPUTS = {
    "output-null": Fault("succeeds with output null"),
    "output-empty-list": Fault("succeeds with output []"),
    "output-empty-string": Fault('succeeds with output ""'),
    "output-object": Fault('output is {"image": url}'),
    "output-object-list": Fault('output is [{"file": url}]'),
    "output-data-uri": Fault("output is a data: URI"),
    "output-number": Fault("succeeds with this number as output", {"value": 42}),
    "output-nested": Fault('output is {"files": [[url]]}'),
    "output-nulls": Fault('output is [null, url, ""]'),
    "output-odd-values": Fault("output is a list of its links, NaN, Infinity, a lone surrogate and NUL"),
    "output-text": Fault("output is plain text", {"text": "a short story"}),
    "output-many": Fault("output is a list of several files", {"count": 3}),
    "output-foreign-host": Fault("output is on a host that is not Replicate's", {"url": FOREIGN}),
    "output-private-address": Fault("output is on a link-local address", {"url": METADATA}),
    "output-redirect-private": Fault("the file redirects to a private address", {"to": METADATA}),
    "output-redirect-foreign": Fault("the file redirects to a foreign host", {"to": FOREIGN}),
    "output-redirect-loop": Fault("the file redirects to itself"),
    "output-gone": Fault("the file answers 404"),
    "output-octet-stream": Fault("the file has this content type", {"type": "application/octet-stream"}),
    "output-html": Fault("the file is a web page"),
    "output-empty": Fault("the file has no bytes"),
    "output-truncated": Fault("the file holds only half of the media"),
    "output-blob": Fault(
        "media padded to this size, still valid (not mp3); length: honest, chunked, close, short or long",
        {"megabytes": 600.0, "length": "honest"},
    ),
    "output-cut": Fault("the connection ends halfway through the file"),
    "output-slow": Fault("the file takes this long", {"seconds": 10.0}),
}

WEBHOOKS = {
    "webhook-missing": Fault("no webhook is sent"),
    "webhook-duplicate": Fault("`completed` is sent this often, with one webhook-id", {"count": 2}),
    "webhook-reordered": Fault("`start` is sent after `completed`, whatever the filter"),
    "webhook-delayed": Fault("`completed` is sent this much later", {"seconds": 5.0}),
    "webhook-forged": Fault("signed with another secret"),
    "webhook-tampered": Fault("the body is changed after signing"),
    "webhook-stale": Fault("signed with an old timestamp", {"seconds": 600}),
    "webhook-many-signatures": Fault("the right signature stands among wrong and unknown ones"),
}

FAULTS: dict[str, Fault] = ANSWERS | ENDINGS | VIEWS | OUTPUTS | WEBHOOKS
SHORT_STATUSES = ("401", "402", "404", "422", "429", "500", "502", "503")
