"""A result that cannot be copied is dead-lettered, raises an alarm, and is redriven by the real command."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from e2e.parts import IMAGE, Platform, until
from e2e.roles import Log, Permission, Roles, client
from e2e.terraform_plans import resources
from local_cloud.packages import ROOT

LOST = Permission("process_webhook", "StoreMedia", "s3:PutObject", "images/*")
COUNT = "ApproximateReceiveCount"


@contextmanager
def without_consumer(platform: Platform) -> Iterator[None]:
    """Stop the consumer of the webhooks queue for the length of the block."""
    functions, name = client(platform, "lambda"), platform.environment.outputs["function_names"]["process_webhook"]
    [mapping] = functions.list_event_source_mappings(FunctionName=f"{name}:live")["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        yield
    finally:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def receive_until_given_up(platform: Platform) -> list[int]:
    """Receive by hand, so that no minutes pass between the attempts; return the message's receive counts."""
    url, sqs = platform.environment.outputs["queue_urls"]["webhooks"], client(platform, "sqs")
    seen: list[int] = []

    def is_given_up() -> bool:
        received = sqs.receive_message(QueueUrl=url, VisibilityTimeout=0, MessageSystemAttributeNames=[COUNT])
        seen.extend(int(message["Attributes"][COUNT]) for message in received.get("Messages", []))
        return platform.messages("webhooks_dead_letters") == 1

    until(is_given_up, "the message is among the dead letters")
    return seen


def redrive(platform: Platform) -> str:
    """Run the redrive command and return its output."""
    command = [sys.executable, "-m", "deploy", "redrive", "local", "--queue", "webhooks"]
    given = {"PYTHONPATH": str(ROOT / "scripts"), "CONFIRM": "vsl-local"} | platform.environment.variables()
    done = subprocess.run(command, cwd=ROOT, env=os.environ | given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_poisoned_result_is_dead_lettered_and_completes_after_redrive(platform: Platform) -> None:
    log = Log(platform, "process_webhook")
    with Roles(platform).without(LOST):
        job_id = platform.start(IMAGE)
        until(lambda: any(line["action"] == "unexpected_error" for line in log.lines()), "the function fails")
        with without_consumer(platform):
            counts = receive_until_given_up(platform)
    assert counts[-1] == 5
    assert (platform.messages("webhooks"), platform.status(job_id)["status"]) == (0, "processing")

    shown = redrive(platform)
    assert "vsl-local-webhooks-dead-letters: 1 message" in shown
    assert f"{job_id}  a result to be copied, ready" in shown
    assert platform.finished(job_id)["status"] == "completed"
    until(lambda: platform.messages("webhooks") == 0, "the webhooks queue is empty")
    assert platform.messages("webhooks_dead_letters") == 0
    assert (platform.predictions_of(job_id), platform.events(job_id).count("completed")) == (1, 1)


def test_the_alarms_watch_the_queues_that_the_messages_go_to(platform: Platform, plan: dict[str, Any]) -> None:
    watched = {
        found["values"]["alarm_name"]: (found["values"]["metric_name"], found["values"]["dimensions"])
        for found in resources(plan)
        if found["type"] == "aws_cloudwatch_metric_alarm"
    }
    sqs, urls = client(platform, "sqs"), platform.environment.outputs["queue_urls"]
    for queue in ("submissions", "webhooks", "callbacks"):
        name = urls[f"{queue}_dead_letters"].rpartition("/")[2]
        assert watched[name] == (
            "ApproximateNumberOfMessagesVisible",
            {"QueueName": name},
        )
        policy = sqs.get_queue_attributes(QueueUrl=urls[queue], AttributeNames=["RedrivePolicy"])["Attributes"]
        assert f':{name}"' in policy["RedrivePolicy"]


def test_expired_media_counts_for_its_alarm_and_costs_nothing(platform: Platform) -> None:
    log = Log(platform, "process_webhook")
    document = platform.with_fault("output-gone")
    assert (document["status"], document["cost"], document["error"]["code"]) == ("failed", 0, "media_expired")

    def counted() -> list[dict[str, Any]]:
        return [line for line in log.lines() if line["jobId"] == document["jobId"] and line.get("MediaExpired")]

    [line] = until(counted, "the function's log tells of it")
    assert (line["action"], line["MediaExpired"]) == ("job.failed", 1)
