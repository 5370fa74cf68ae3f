"""A job's environment in the flow tests: the acts of a client, Replicate and AWS."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from redis import Redis

from cancel_job.handler import lambda_handler as cancel_job
from check_replicate_status.handler import lambda_handler as check_replicate_status
from common.media import PICTURE
from delete_job.handler import lambda_handler as delete_job
from deliver_callback.handler import lambda_handler as deliver_callback
from generate_media.handler import lambda_handler as generate_media
from get_status.handler import lambda_handler as get_status
from integration.flows.cloud import DATABASE, REDIS, Cloud
from integration.flows.events import Answer, Context, http_event, message_of, schedule_event, sqs_event
from integration.waiting import eventually
from mediagen.jobs.job import Job
from mediagen.records.database import Database
from mediagen.records.jobs import JobRecords
from mediagen.settings import StoreUrl
from process_webhook.handler import lambda_handler as process_webhook
from replicate_simulator.predictions import TERMINAL, Prediction
from replicate_simulator.server import RunningSimulator
from retry_job.handler import lambda_handler as retry_job
from submit_job.handler import lambda_handler as submit_job

ROUTES: dict[str, tuple[str, Callable[..., dict[str, object]]]] = {
    "cancel": ("POST /jobs/{jobId}/cancel", cancel_job),
    "delete": ("DELETE /jobs/{jobId}", delete_job),
    "retry": ("POST /jobs/{jobId}/retry", retry_job),
}
JSON = {"Content-Type": "application/json"}
HANDLERS = {"submissions": submit_job, "webhooks": process_webhook, "callbacks": deliver_callback}


@dataclass
class World:
    """The environment of one test."""

    cloud: Cloud
    replicate: RunningSimulator
    sql: Any
    records: JobRecords
    user_id: str
    queues: Mapping[str, str]
    database: Database
    redis: Redis
    processed: list[Mapping[str, Any]] = field(default_factory=list)

    # acts of a client
    def post(self, body: bytes, *, headers: Mapping[str, str] = JSON, user_id: str | None = None) -> Answer:
        user = self.user_id if user_id is None else user_id
        event = http_event("POST /generate-media", "/generate-media", headers=headers, body=body, user_id=user)
        return Answer.read(generate_media(event, Context(30)))

    def generate(self, prompt: str = "ein Boot", model: str = "image/flux-schnell", **params: Any) -> Answer:
        media_type, _, model_id = model.partition("/")
        subject = {"input_image": f"{PICTURE}#{quote(prompt)}"} if media_type == "video" else {"prompt": prompt}
        body = {"mediaType": media_type, "modelId": model_id, "params": subject | params}
        return self.post(json.dumps(body).encode())

    def accepted(self, prompt: str = "ein Boot", model: str = "image/flux-schnell", **params: Any) -> str:
        """Request media, which must be accepted; return the job id."""
        answer = self.generate(prompt, model, **params)
        assert answer.status == 202, answer.body
        return str(answer.body["jobId"])

    def status(self, job_id: str, user_id: str | None = None, *, query: str = "", **headers: str) -> Answer:
        """Send GET /status/{jobId}; `_` in the names of headers stands for `-`."""
        user = self.user_id if user_id is None else user_id
        url = f"/status/{job_id}{query}"
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        event = http_event("GET /status/{jobId}", url, headers=given, path={"jobId": job_id}, user_id=user)
        return Answer.read(get_status(event, Context(25)))

    def act(self, action: str, job_id: str, user_id: str | None = None, **headers: str) -> Answer:
        """Send a client's request about an existing job: `cancel`, `delete` or `retry`."""
        user = self.user_id if user_id is None else user_id
        route, handler = ROUTES[action]
        url = route.partition(" ")[2].replace("{jobId}", job_id)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        event = http_event(route, url, headers=given, path={"jobId": job_id}, user_id=user)
        return Answer.read(handler(event, Context(28)))

    # acts of AWS
    def pump(self, *names: str, seconds_left: float = 60) -> list[str]:
        """Deliver all queued messages, each as a batch of one; return the ids of messages that failed."""
        failed: list[str] = []
        for name in names or self.queues:
            url, sqs = self.queues[name], self.cloud.client("sqs")
            if not self.cloud.waiting(url)[0]:
                continue
            received = sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["ApproximateReceiveCount"]
            )
            for message in received.get("Messages", []):
                answer = HANDLERS[name](sqs_event([message]), Context(seconds_left))
                self.processed.append(json.loads(message["Body"]))
                failures = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]  # type: ignore[attr-defined]
                failed += failures
                if not failures:
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return failed

    def take(self, name: str) -> dict[str, Any]:
        """Receive one message from a queue."""
        url, sqs = self.queues[name], self.cloud.client("sqs")
        [message] = eventually(lambda: sqs.receive_message(QueueUrl=url).get("Messages"), f"a message in {name}")
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return dict(json.loads(message["Body"]))

    def hand_over(self, name: str, document: Mapping[str, Any], *, receives: int = 1) -> bool:
        """Deliver a message that was in no queue; return whether it was handled."""
        message = message_of(document) | {"Attributes": {"ApproximateReceiveCount": str(receives)}}
        return not HANDLERS[name](sqs_event([message]), Context())["batchItemFailures"]

    def check(self, seconds_left: float = 30) -> dict[str, int]:
        return check_replicate_status(schedule_event(), Context(seconds_left))

    # time
    def settled(self, job_id: str) -> Job:
        """Run all functions until the job is terminal."""

        def ended() -> Job | None:
            self.pump()
            job = self.job(job_id)
            return job if job.status.is_final else None

        return eventually(ended, f"the end of job {job_id}")

    def overdue(self, job_id: str, *, deadline_passed: bool = False) -> None:
        """Advance the time until the poller checks the job."""
        self.sql.run("UPDATE jobs SET next_check_at = now() - interval '1 second' WHERE id = :id", id=job_id)
        if deadline_passed:
            self.sql.run("UPDATE jobs SET deadline_at = now() - interval '1 second' WHERE id = :id", id=job_id)

    def looked_for_in_vain(self, job_id: str) -> None:
        """Let five minutes pass after a search for the job, and run the poller again."""
        self.sql.run("UPDATE absences SET first_at = first_at - interval '5 minutes' WHERE job_id = :id", id=job_id)
        self.overdue(job_id)
        self.check()

    def overdue_for_long(self, job_id: str) -> None:
        """Let an hour pass after the deadline, after which Replicate has deleted every result."""
        self.overdue(job_id)
        self.sql.run("UPDATE jobs SET deadline_at = now() - interval '1 hour' WHERE id = :id", id=job_id)

    def resumed(self) -> None:
        """End the dispatch pause that follows a refusal by Replicate."""
        self.redis.delete("replicate:pace")

    # containers
    def container_settings[S](self, settings: S, number: int) -> S:
        """Return settings that share no connection with those of other containers."""
        url = self.cloud.client("ssm").get_parameter(Name=DATABASE, WithDecryption=True)["Parameter"]["Value"]
        redis_url = self.cloud.client("ssm").get_parameter(Name=REDIS, WithDecryption=True)["Parameter"]["Value"]
        self.cloud.parameter(f"{DATABASE}-{number}", url)
        self.cloud.parameter(f"{REDIS}-{number}", redis_url)
        own = {
            "database_url": StoreUrl(parameter=f"{DATABASE}-{number}"),
            "redis_url": StoreUrl(parameter=f"{REDIS}-{number}"),
        }
        return replace(settings, **own)  # type: ignore[type-var]

    # observations
    def job(self, job_id: str) -> Job:
        found = self.records.find(job_id)
        assert found is not None
        return found

    def reasons(self, job_id: str) -> list[str]:
        """Return the reasons of a job's transitions."""
        rows = self.sql.run("SELECT reason FROM job_events WHERE job_id = :id ORDER BY revision", id=job_id)
        return [reason for [reason] in rows]

    def count(self, table: str) -> int:
        [[rows]] = self.sql.run(f"SELECT count(*) FROM {table}")
        return int(rows)

    def handed_over(self) -> int:
        """Count the jobs submitted to Replicate, and those still queued, because a busy machine leaves some queued."""
        [[waiting]] = self.sql.run("SELECT count(*) FROM jobs WHERE status = 'queued'")
        return int(self.replicate.simulator.report()["created"]) + int(waiting)

    def created(self, job_id: str) -> dict[str, int]:
        """Count the predictions of a job, and those that are billed."""
        counts = self.replicate.simulator.report()["jobs"].get(job_id, {"created": 0, "billable": 0})
        return {name: counts[name] for name in ("created", "billable")}

    def prediction(self, job_id: str) -> Prediction:
        """Return the only prediction of a job."""
        [found] = [one for one in self.replicate.simulator.store.newest_first() if one.job == job_id]
        return found

    def ended_at_replicate(self, job_id: str) -> Prediction:
        """Wait until a prediction is terminal."""

        def ended() -> Prediction | None:
            prediction = self.prediction(job_id)
            return prediction if prediction.status in TERMINAL else None

        return eventually(ended, f"the end of the prediction of job {job_id}")
