"""2,000 webhooks through the real endpoint, with duplicates, reordering and forgeries; each job completes once."""

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from integration.conftest import Logged
from integration.flows.cloud import TABLE
from integration.flows.queue_proxy import Proxied, queue_proxy
from integration.flows.storm import ENDINGS, WITH_A_FILE, Webhook, forged, post, post_all
from integration.flows.world import World
from integration.stores.jobs import job
from mediagen.aws.job_table import JobTable
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.times import iso, utc_now

JOBS, FILES, FORGERIES, POSTS = 250, 4, 300, 2000
NEWS = ("starting", "processing", "processing", "processing")  # for each job: acknowledged without effect
SEED = 20261129
HISTORY = 4  # history rows of a job: accepted, submitted, started by Replicate, and terminal


def running(world: World, count: int) -> list[str]:
    """Create jobs that Replicate is working on; return their ids."""
    ids = []
    for number in range(count):
        now = utc_now()
        made = job(world.user_id, now)
        world.records.add(made, check_at=now + timedelta(hours=1))
        world.records.move(made.id, Status.PROCESSING, Change("taken", replicate_id=f"p-{number}"), now=now)
        ids.append(made.id)
    return ids


def ends(world: World, ids: list[str], secret: str) -> tuple[list[Webhook], dict[str, str]]:
    """Return each job's final webhook, and the job's expected status."""
    webhooks, expected = [], {}
    for number, job_id in enumerate(ids):
        told, ending = WITH_A_FILE if number < FILES else ENDINGS[number % len(ENDINGS)]
        webhooks.append(Webhook(job_id, {"id": f"p-{number}"} | told, secret))
        expected[job_id] = ending
    return webhooks, expected


def worked_off(world: World) -> int:
    """Handle all messages in the webhooks queue; return their number."""
    while world.cloud.waiting(world.queues["webhooks"])[0]:
        assert world.pump("webhooks") == []
    return len(world.processed)


def assert_ended_once(world: World, expected: dict[str, str], logged: Logged) -> None:
    """Check every store and every metric: each job completed exactly once."""
    rows = world.sql.run("SELECT CAST(id AS text), status, revision, created_at FROM jobs")
    assert {job_id: status for job_id, status, _, _ in rows} == expected
    history = dict(world.sql.run("SELECT CAST(job_id AS text), count(*) FROM job_events GROUP BY 1"))
    assert set(history.values()) == {HISTORY}
    files = dict(world.sql.run("SELECT CAST(job_id AS text), count(*) FROM media_outputs GROUP BY 1"))
    assert set(files) == {job_id for job_id, status in expected.items() if status == "completed"}
    assert all(count == len(set(world.cloud.keys(f"images/{world.user_id}/"))) / len(files) for count in files.values())
    counted = Counter(name for line in logged() for name in ("JobsCompleted", "JobsFailed") if name in line)
    assert counted == Counter("JobsCompleted" if end == "completed" else "JobsFailed" for end in expected.values())
    table, keys = JobTable(world.cloud.aws, TABLE), [(job_id, iso(created)) for job_id, _, _, created in rows]
    shown: dict[str, int] = {}
    for start in range(0, len(keys), 100):
        shown |= table.revisions(keys[start : start + 100])
    assert shown == {job_id: revision for job_id, _, revision, _ in rows}


def test_of_2000_webhooks_each_genuine_one_counts_once_and_no_forgery_is_queued(world: World, logged: Logged) -> None:
    rng, secret = random.Random(SEED), world.replicate.settings.webhook_secret
    public_url = os.environ["PUBLIC_API_URL"]
    webhooks, expected = ends(world, running(world, JOBS), secret)
    forgeries = [forged(rng.choice(webhooks)) for _ in range(FORGERIES)]
    news = [
        Webhook(one.job_id, {"id": one.prediction["id"], "status": told}, secret) for one in webhooks for told in NEWS
    ]
    again = rng.choices(webhooks, k=POSTS - len(webhooks) - len(forgeries) - len(news))
    storm = [*webhooks, *again, *forgeries, *news]
    rng.shuffle(storm)

    answers = list(zip(storm, post_all(storm, public_url), strict=True))

    assert len(answers) == POSTS
    assert {status for one, status in answers if one.secret != secret} == {401, 429}
    genuine = [(one, status) for one, status in answers if one.secret == secret]
    assert Counter(status for _, status in genuine) == {202: len(webhooks) + len(again), 200: len(news)}
    assert worked_off(world) == len(webhooks) + len(again)
    assert_ended_once(world, expected, logged)


@pytest.fixture
def queue(world: World, restart: Callable[..., None]) -> Iterator[Proxied]:
    """Put a proxy between the functions and the queues."""
    with queue_proxy(world.cloud.aws.endpoints["AWS_ENDPOINT_URL"]) as proxy:
        restart(AWS_ENDPOINT_URL_SQS=proxy.url)
        yield proxy


def test_a_queue_outage_loses_no_webhook_because_none_is_acknowledged(
    world: World, queue: Proxied, logged: Logged
) -> None:
    webhooks, expected = ends(world, running(world, 20), world.replicate.settings.webhook_secret)
    queue.fault = "refuses"
    assert set(post_all(webhooks, os.environ["PUBLIC_API_URL"])) == {503}
    assert world.cloud.waiting(world.queues["webhooks"]) == (0, 0)
    assert sum(line.get("Degraded", 0) for line in logged()) == len(webhooks)
    queue.fault = ""
    assert set(post_all(webhooks, os.environ["PUBLIC_API_URL"])) == {202}
    assert worked_off(world) == len(webhooks)
    assert_ended_once(world, expected, logged)


def test_late_or_lost_queue_answers_may_duplicate_a_webhook_but_never_lose_it(
    world: World, queue: Proxied, logged: Logged
) -> None:
    webhooks, expected = ends(world, running(world, 24), world.replicate.settings.webhook_secret)
    public_url, acknowledged = os.environ["PUBLIC_API_URL"], set()
    for number, webhook in enumerate(webhooks):
        queue.fault = ("loses the answer", "answers late", "loses one answer")[number % 3]
        status = post(webhook, public_url)
        assert status in (202, 503)
        if status == 202:
            acknowledged.add(webhook.job_id)
    queue.fault = ""
    in_queue = queue.bodies_taken
    assert all(any(job_id in body for body in in_queue) for job_id in acknowledged)
    for webhook in webhooks:
        if webhook.job_id not in acknowledged:  # as Replicate does
            assert post(webhook, public_url) == 202
    assert 0 < len(acknowledged) < len(webhooks)
    assert worked_off(world) > len(webhooks)
    assert_ended_once(world, expected, logged)
