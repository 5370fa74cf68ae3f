"""A client lists its jobs."""

from collections.abc import Callable
from urllib.parse import urlencode

from integration.flows.events import Answer, Context, http_event
from integration.flows.world import World
from integration.wire import at_port, closed_port
from list_jobs.handler import lambda_handler as list_jobs
from mediagen.jobs.ids import created_at
from mediagen.times import iso


def ask(world: World, user_id: str | None = None, **query: str) -> Answer:
    user = world.user_id if user_id is None else user_id
    return Answer.read(list_jobs(http_event("GET /jobs", f"/jobs?{urlencode(query)}", user_id=user), Context(10)))


def test_jobs_are_listed_as_their_status_says(world: World) -> None:
    done, running = world.accepted(), world.accepted("[[fault:never-finishes]]")
    world.settled(done)
    body = ask(world).body
    assert sorted(one["jobId"] for one in body["jobs"]) == sorted([done, running])
    for one in body["jobs"]:
        status = world.status(one["jobId"]).body
        assert {name: status[name] for name in one if name in status} == {
            name: value for name, value in one.items() if name != "statusUrl"
        }
    assert body["nextCursor"] is None


def test_the_cursor_leads_through_all_pages_also_in_another_container(
    world: World, restart: Callable[..., None]
) -> None:
    jobs = [world.accepted("[[fault:never-finishes]]") for _ in range(5)]
    first = ask(world, limit="2", status="processing").body
    restart()
    second = ask(world, limit="2", status="processing", cursor=first["nextCursor"]).body
    third = ask(world, limit="2", status="processing", cursor=second["nextCursor"]).body
    shown = [one["jobId"] for page in (first, second, third) for one in page["jobs"]]
    assert shown == sorted(jobs, reverse=True)
    assert third["nextCursor"] is None


def test_a_cursor_is_no_key_to_the_jobs_of_others(world: World) -> None:
    for _ in range(2):
        world.accepted("[[fault:never-finishes]]")
    cursor = ask(world, limit="1").body["nextCursor"]
    stranger = "0198c0de-0000-4000-8000-000000000009"
    answer = ask(world, user_id=stranger, cursor=cursor)
    assert (answer.status, answer.body["errors"][0]["path"]) == (422, "cursor")
    assert ask(world, user_id=stranger).body == {"jobs": [], "nextCursor": None}


def test_only_jobs_made_after_a_moment_are_listed(world: World) -> None:
    job_id = world.accepted("[[fault:never-finishes]]")
    assert ask(world, createdAfter=iso(created_at(job_id))).body["jobs"] == []
    assert len(ask(world, createdAfter="2020-01-01T00:00:00+01:00").body["jobs"]) == 1


def test_without_the_database_there_is_no_list(world: World, database_url: str, restart: Callable[..., None]) -> None:
    world.cloud.parameter("/vsl-test/no-database", at_port(database_url, closed_port()))
    restart(DATABASE_URL_PARAMETER="/vsl-test/no-database")
    answer = ask(world)
    assert (answer.status, answer.body["code"]) == (503, "unavailable")
    assert "retry-after" in answer.headers
