"""The platform for end-to-end tests: a client, the operator's view, and the simulator's faults."""

import json
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pg8000.native
import urllib3
from redis import Redis

from common.api import ApiClient, Response
from common.media import PICTURE
from local_cloud.cloud import LocalCloud
from local_cloud.state import Environment
from mediagen.records.database import connect

IMAGE = {"mediaType": "image", "modelId": "flux-schnell", "prompt": "a lighthouse"}
VIDEO = {"mediaType": "video", "modelId": "stability-video", "params": {"input_image": PICTURE}}
AUDIO = {"mediaType": "audio", "modelId": "musicgen", "prompt": "a calm piano"}
FINAL = {"completed", "failed", "canceled"}
DEADLINE_SECONDS = 60.0
BETWEEN_SECONDS = 0.1


def until[T](
    look: Callable[[], T | None],
    what: str,
    seconds: float = DEADLINE_SECONDS,
    where: Callable[[], str] = str,
) -> T:
    """Poll until `look` returns something; the failure says what was expected and how far the job got."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        found = look()
        if found:
            return found
        time.sleep(BETWEEN_SECONDS)
    raise AssertionError(f"not within {seconds} s: {what} {where()}".rstrip())


class Platform:
    """One running platform."""

    def __init__(self, cloud: LocalCloud, environment: Environment) -> None:
        self.cloud = cloud
        self.environment = environment
        self.client = ApiClient(environment.api_url, environment.api_key)
        self.deployer = cloud.deployer(environment)
        self._http = urllib3.PoolManager()

    def start(self, request: dict[str, Any]) -> str:
        """Start a job and return its id."""
        response = self.client.post("/generate-media", request)
        assert response.status == 202, response.body
        return str(response.json()["jobId"])

    def status(self, job_id: str) -> dict[str, Any]:
        response = self.client.get(f"/status/{job_id}")
        assert response.status == 200, response.body
        document: dict[str, Any] = response.json()
        return document

    def finished(self, job_id: str) -> dict[str, Any]:
        """Wait until a job is terminal."""

        def look() -> dict[str, Any] | None:
            document = self.status(job_id)
            return document if document["status"] in FINAL else None

        return until(look, f"the end of job {job_id}", where=lambda: self._where(job_id))

    def _where(self, job_id: str) -> str:
        """Describe an unfinished job: all that an engineer would look up in the logs."""
        with Redis.from_url(self.environment.url("redis")) as redis:
            pace = redis.get("replicate:pace")
        waiting = {queue: self.messages(queue) for queue in ("submissions", "webhooks")}
        return f"states: {self.events(job_id)}, messages: {waiting}, pace: {pace!r} at {time.time():.0f}"

    def generate(self, request: dict[str, Any]) -> dict[str, Any]:
        """Start a job and wait until it is terminal."""
        return self.finished(self.start(request))

    def with_fault(self, marker: str) -> dict[str, Any]:
        """Generate an image while the simulator has the marked fault."""
        return self.generate(IMAGE | {"prompt": f"[[fault:{marker}]]"})

    def new_key(self, name: str) -> str:
        """Create a user and return an API key of that user."""
        user = self.deployer.manage_access("create-user", name=name)
        return str(self.deployer.manage_access("create-key", userId=user["userId"])["apiKey"])

    def sql(self, statement: str, **parameters: Any) -> list[list[Any]]:
        connection: pg8000.native.Connection
        with closing(connect(self.environment.url("postgres"))) as connection:
            return list(connection.run(statement, **parameters) or [])

    def events(self, job_id: str) -> list[str]:
        """List the states that a job went through."""
        rows = self.sql("SELECT to_status FROM job_events WHERE job_id = :id ORDER BY revision", id=job_id)
        return [row[0] for row in rows]

    def poll_overdue(self, job_id: str) -> None:
        """Make the job five minutes old, so that it is overdue, and run the poller."""
        self.sql("UPDATE absences SET first_at = first_at - interval '5 minutes' WHERE job_id = :id", id=job_id)
        self.sql("UPDATE jobs SET next_check_at = now() WHERE id = :id AND next_check_at IS NOT NULL", id=job_id)
        self.deployer.poll()

    def completed_by_poller(self, job_id: str) -> None:
        """Run the poller until a job is completed."""

        def look() -> bool:
            self.poll_overdue(job_id)
            return bool(self.status(job_id)["status"] == "completed")

        until(look, "the poller finds the result")

    def log(self, function: str) -> list[dict[str, Any]]:
        """Return the JSON lines of a function's log."""
        return [json.loads(line) for line in self.log_text(function).splitlines() if line.startswith("{")]

    def log_text(self, function: str) -> str:
        """Return the whole log of a function or of the API."""
        group = self.environment.outputs["log_groups"][function]
        pages = self.deployer.aws.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
        return "\n".join(event["message"].rstrip() for page in pages for event in page["events"])

    def messages(self, queue: str) -> int:
        """Count the messages of a queue, visible or not."""
        url = self.environment.outputs["queue_urls"][queue]
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.deployer.aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        url = f"{self.environment.url('simulator')}/control/{path}"
        response = self._http.request(method, url, body=None if body is None else json.dumps(body).encode())
        assert response.status < 300, response.data
        return response.json()

    def nothing_waits(self) -> None:
        """Check that no job is queued: the next dispatch slot would be spent on that job."""
        waiting = "SELECT CAST(id AS text), params ->> 'prompt' FROM jobs WHERE status = 'queued'"
        until(lambda: not self.sql(waiting), "nothing waits for its turn", where=lambda: str(self.sql(waiting)))

    def clear_faults(self) -> None:
        """Remove all faults, and the pause that they caused."""
        self.control("DELETE", "faults")
        self.end_pause()

    def end_pause(self) -> None:
        """End the dispatch pause that follows a refusal by Replicate."""
        with Redis.from_url(self.environment.url("redis")) as redis:
            redis.delete("replicate:pace")

    def predictions_of(self, job_id: str) -> int:
        """Count the predictions of a job."""
        return int(self.control("GET", "predictions")["jobs"].get(job_id, {"created": 0})["created"])

    def webhook(self, body: bytes, headers: dict[str, str], query: str = "") -> Response:
        """Post to the public webhook route."""
        return ApiClient(self.environment.api_url).post(f"/webhook/replicate{query}", body, headers)
