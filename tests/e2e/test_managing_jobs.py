"""Models, lists and cancels over HTTP: routes, queries and paths, and only the caller's own jobs."""

from common.api import ApiClient
from e2e.parts import IMAGE, Platform, until

ENDLESS = {"prompt": "[[fault:never-finishes]]"}


def test_the_example_of_a_model_can_be_sent_as_it_is(platform: Platform) -> None:
    listed = platform.client.get("/models?mediaType=image").json()["models"]
    [model] = [model for model in listed if model["modelId"] == "flux-schnell"]
    assert platform.client.get("/models/flux-schnell").json() == model
    assert platform.generate(model["example"])["status"] == "completed"


def test_an_unknown_model_is_404(platform: Platform) -> None:
    response = platform.client.get("/models/no-such-model")
    assert (response.status, response.json()["code"]) == (404, "model_not_found")


def test_a_running_job_is_canceled_here_and_at_replicate_once(platform: Platform) -> None:
    job_id = platform.start(IMAGE | ENDLESS)
    assert platform.client.post(f"/jobs/{job_id}/cancel", b"").json()["status"] == "canceled"
    again = platform.client.post(f"/jobs/{job_id}/cancel", b"")
    assert (again.status, again.json()["jobStatus"]) == (409, "canceled")

    def ended_at_replicate() -> bool:
        predictions = platform.control("GET", "predictions")["predictions"]
        return [found["status"] for found in predictions if found["job"] == job_id] == ["canceled"]

    until(ended_at_replicate, "the end at Replicate")
    assert platform.status(job_id)["status"] == "canceled"
    assert platform.events(job_id) == ["queued", "submitting", "processing", "canceled"]


def test_pages_lead_through_the_jobs_of_one_user_only(platform: Platform, another_user: ApiClient) -> None:
    mine = Platform(platform.cloud, platform.environment)
    mine.client = another_user
    jobs = [mine.start(IMAGE | ENDLESS) for _ in range(3)]
    first = another_user.get("/jobs?limit=2&mediaType=image").json()
    rest = another_user.get(f"/jobs?limit=2&mediaType=image&cursor={first['nextCursor']}").json()
    assert [job["jobId"] for page in (first, rest) for job in page["jobs"]] == sorted(jobs, reverse=True)
    assert rest["nextCursor"] is None
    theirs = platform.client.get(f"/jobs?limit=2&mediaType=image&cursor={first['nextCursor']}")
    assert (theirs.status, theirs.json()["errors"][0]["path"]) == (422, "cursor")
    for job_id in jobs:
        refused = platform.client.post(f"/jobs/{job_id}/cancel", b"")
        assert (refused.status, refused.json()["code"]) == (404, "job_not_found")
        assert another_user.post(f"/jobs/{job_id}/cancel", b"").status == 200
