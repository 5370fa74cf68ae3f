"""Queues and messages that SQS refuses."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

from aws_requests.request import Request
from aws_requests.rules.checks import Parameters, Problem, each_request, whole_recording
from aws_requests.rules.grammar import document_problems
from aws_requests.rules.history import last_part
from aws_requests.rules.policies import statements, texts

_API = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference"
_QUOTAS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-quotas.html"
_CHANGES = ("sqs.CreateQueue", "sqs.SetQueueAttributes")

_RANGES = {
    "VisibilityTimeout": (0, 43_200),
    "MessageRetentionPeriod": (60, 1_209_600),
    "DelaySeconds": (0, 900),
    "MaximumMessageSize": (1_024, 1_048_576),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "KmsDataKeyReusePeriodSeconds": (60, 86_400),
}
_OTHER_ATTRIBUTES = {
    "Policy",
    "RedrivePolicy",
    "RedriveAllowPolicy",
    "KmsMasterKeyId",
    "SqsManagedSseEnabled",
    "FifoQueue",
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "FifoThroughputLimit",
}


@each_request("sqs.CreateQueue", source=_QUOTAS)
def name_syntax(parameters: Parameters) -> Iterator[str]:
    name, fifo = parameters["QueueName"], _attributes(parameters).get("FifoQueue") == "true"
    if len(name) > 80 or not re.fullmatch(r"[A-Za-z0-9_-]+(\.fifo)?", name):
        yield f"the queue name {name!r} must be 1 to 80 letters, digits, hyphens or underscores"
    if fifo != name.endswith(".fifo"):
        yield "FifoQueue and a name that ends in .fifo belong together"


@each_request(*_CHANGES, source=f"{_API}/API_CreateQueue.html")
def fifo_attributes(parameters: Parameters) -> Iterator[str]:
    """SQS refuses these attributes for a standard queue, FifoQueue=false included."""
    queue, attributes = parameters.get("QueueName") or parameters["QueueUrl"], _attributes(parameters)
    for name in ("FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"):
        if name in attributes and not queue.endswith(".fifo"):
            yield f"{name} is an attribute of FIFO queues only"
    by_group = attributes.get("FifoThroughputLimit") == "perMessageGroupId"
    if by_group and attributes.get("DeduplicationScope") != "messageGroup":
        yield "FifoThroughputLimit perMessageGroupId needs DeduplicationScope messageGroup"


@each_request(*_CHANGES, source=f"{_API}/API_SetQueueAttributes.html")
def attribute_ranges(parameters: Parameters) -> Iterator[str]:
    for name, value in _attributes(parameters).items():
        if name in _RANGES:
            low, high = _RANGES[name]
            if not value.isdigit() or not low <= int(value) <= high:
                yield f"{name} is {value}; SQS allows {low} to {high}"
        elif name not in _OTHER_ATTRIBUTES:
            yield f"{name} is not an attribute of a queue"


@whole_recording(source=f"{_API}/API_SetQueueAttributes.html")
def one_encryption(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name not in _CHANGES:
            continue
        attributes = _attributes(request.parameters)
        if attributes.get("KmsMasterKeyId") and attributes.get("SqsManagedSseEnabled") == "true":
            yield request, "a queue has either KmsMasterKeyId or SqsManagedSseEnabled"


@whole_recording(source=f"{_API}/API_SetQueueAttributes.html")
def dead_letters_have_a_queue(recording: Sequence[Request]) -> Iterator[Problem]:
    existing: set[str] = set()
    for request in recording:
        text = _attributes(request.parameters).get("RedrivePolicy") if request.name in _CHANGES else None
        if text:
            yield from ((request, message) for message in _redrive_problems(existing, request, text))
        if request.name == "sqs.CreateQueue" and request.status < 300:
            existing.add(request.parameters["QueueName"])
        elif request.name == "sqs.DeleteQueue" and request.status < 300:
            existing.discard(last_part(request.parameters["QueueUrl"]))


def _redrive_problems(existing: Set[str], request: Request, text: str) -> Iterator[str]:
    try:
        policy = json.loads(text)
        target, maximum = str(policy["deadLetterTargetArn"]), int(policy["maxReceiveCount"])
    except (ValueError, KeyError, TypeError):
        yield "RedrivePolicy must be JSON with deadLetterTargetArn and maxReceiveCount"
        return
    if not 1 <= maximum <= 1000:
        yield f"maxReceiveCount is {maximum}; SQS allows 1 to 1000"
    name = last_part(request.parameters.get("QueueName") or request.parameters["QueueUrl"])
    if not re.fullmatch(r"arn:[\w-]+:sqs:[\w-]+:\d{12}:[\w.-]+", target):
        yield f"deadLetterTargetArn {target!r} is not the ARN of a queue"
    elif target.split(":")[3] != request.region:
        yield "a dead-letter queue must be in the region of its queue"
    elif last_part(target) not in existing:
        yield f"the dead-letter queue {last_part(target)} does not exist"
    elif name.endswith(".fifo") != target.endswith(".fifo"):
        yield "the dead-letter queue of a FIFO queue must be a FIFO queue, that of a standard queue a standard queue"


@each_request(*_CHANGES, source=_QUOTAS)
def policy_limits(parameters: Parameters) -> Iterator[str]:
    """SQS counts what a queue's policy has: 20 statements, 50 principals, 10 conditions, 7 actions in each."""
    policy = statements(_attributes(parameters).get("Policy"))
    if len(policy) > 20:
        yield f"the queue's policy has {len(policy)} statements; SQS allows 20"
    for statement in policy:
        if len(texts(statement.get("Action"))) > 7:
            yield "a statement of the queue's policy has more than 7 actions"
        if any(not action.lower().startswith(("sqs:", "*")) for action in texts(statement.get("Action"))):
            yield "the policy of a queue can name actions of SQS only"


@each_request(*_CHANGES, source=f"{_API}/API_SetQueueAttributes.html")
def policy_grammar(parameters: Parameters) -> Iterator[str]:
    if policy := _attributes(parameters).get("Policy"):
        yield from document_problems(policy, kind="resource")


@each_request("sqs.SendMessage", source=f"{_API}/API_SendMessage.html")
def message_is_acceptable(parameters: Parameters) -> Iterator[str]:
    yield from _message_problems(parameters, parameters["QueueUrl"])


@each_request("sqs.ReceiveMessage", source=f"{_API}/API_ReceiveMessage.html")
def receive_ranges(parameters: Parameters) -> Iterator[str]:
    for name, (low, high) in {
        "MaxNumberOfMessages": (1, 10),
        "WaitTimeSeconds": (0, 20),
        "VisibilityTimeout": (0, 43_200),
    }.items():
        if (value := parameters.get(name)) is not None and not low <= value <= high:
            yield f"{name} is {value}; SQS allows {low} to {high}"


@each_request("sqs.ChangeMessageVisibility", source=f"{_API}/API_ChangeMessageVisibility.html")
def visibility_range(parameters: Parameters) -> Iterator[str]:
    if not 0 <= parameters.get("VisibilityTimeout", 0) <= 43_200:
        yield f"VisibilityTimeout is {parameters['VisibilityTimeout']}; SQS allows 0 to 43200"


@each_request(
    "sqs.SendMessageBatch",
    "sqs.DeleteMessageBatch",
    "sqs.ChangeMessageVisibilityBatch",
    source=f"{_API}/API_SendMessageBatch.html",
)
def batch_is_acceptable(parameters: Parameters) -> Iterator[str]:
    entries = parameters.get("Entries") or []
    if not 1 <= len(entries) <= 10:
        yield f"the batch has {len(entries)} entries; SQS allows 1 to 10"
    ids = [entry.get("Id", "") for entry in entries]
    if len(set(ids)) < len(ids):
        yield "two entries of the batch have the same id"
    if any(not re.fullmatch(r"[A-Za-z0-9_-]{1,80}", name) for name in ids):
        yield "an id in a batch must be 1 to 80 letters, digits, hyphens or underscores"
    bodies = [entry["MessageBody"] for entry in entries if "MessageBody" in entry]
    if sum(len(body.encode()) for body in bodies) > _MESSAGE_BYTES:
        yield f"the messages of a batch have more than {_MESSAGE_BYTES} bytes together"
    for entry in entries:
        yield from _message_problems(entry, parameters["QueueUrl"]) if "MessageBody" in entry else ()


# 256 KB is what a queue made by provider 5.100 takes; SQS itself allows 1 MiB since August 2025.
_MESSAGE_BYTES = 262_144
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _message_problems(message: Mapping[str, Any], queue: str) -> Iterator[str]:
    body, fifo = message.get("MessageBody", ""), queue.endswith(".fifo")
    if not body or len(body.encode()) > _MESSAGE_BYTES:
        yield f"the message has {len(body.encode())} bytes; the queue takes 1 to {_MESSAGE_BYTES}"
    if _FORBIDDEN.search(body):
        yield "the message has a character that SQS refuses"
    if (delay := message.get("DelaySeconds")) is not None and not 0 <= delay <= 900:
        yield f"DelaySeconds is {delay}; SQS allows 0 to 900"
    if fifo and message.get("DelaySeconds"):
        yield "a FIFO queue takes no DelaySeconds for one message"
    if fifo != bool(message.get("MessageGroupId")) and fifo:
        yield "a message to a FIFO queue needs MessageGroupId"
    if len(message.get("MessageAttributes") or {}) > 10:
        yield "a message has at most 10 attributes"


def _attributes(parameters: Parameters) -> Mapping[str, str]:
    return parameters.get("Attributes") or {}
