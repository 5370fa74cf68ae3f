"""The commands that query jobs, or change one at once."""

import json
from itertools import accumulate
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from integration.common.fake_api import JOB_ID, Answer, Api
from integration.vsl.conftest import Run
from vsl.exits import Exit

MODEL = {
    "mediaType": "image",
    "modelId": "flux-schnell",
    "estimatedTime": 5,
    "estimatedCost": 0.003,
    "inputSchema": {
        "required": ["prompt"],
        "properties": {
            "prompt": {"type": "string"},
            "num_outputs": {"type": "integer", "maximum": 4, "default": 1},
            "aspect_ratio": {"enum": ["1:1", "16:9"]},
        },
    },
    "example": {"params": {"prompt": "a lighthouse at dawn"}},
}
REQUEST = {"mediaType": "image", "modelId": "flux-schnell", "prompt": "a lighthouse"}


def job(number: int) -> dict[str, Any]:
    return {"jobId": f"job-{number}", "status": "completed", "mediaType": "image", "createdAt": "2026-11-22T10:00:00Z"}


def pages(*sizes: int) -> list[Answer]:
    """Answers that list jobs, each but the last with a cursor."""
    ends = list(accumulate(sizes))
    cursors = [*(f"c{end}" for end in ends[:-1]), None]
    return [
        Answer(200, {"jobs": [job(number) for number in range(end - size, end)], "nextCursor": cursor})
        for size, end, cursor in zip(sizes, ends, cursors, strict=True)
    ]


def queries(api: Api) -> list[dict[str, str]]:
    return [{name: value[0] for name, value in parse_qs(seen.path.partition("?")[2]).items()} for seen in api.seen]


def test_jobs_are_asked_for_with_every_filter(api: Api, vsl: Run) -> None:
    api.next = pages(1)
    filters = ["--status", "failed", "--type", "image", "--model", "flux-schnell", "--after", "2026-11-01"]
    done = vsl("jobs", *filters, "--limit", "5", "--json")
    assert done.document == {"jobs": [job(0)], "nextCursor": None}
    assert queries(api) == [
        {
            "status": "failed",
            "mediaType": "image",
            "modelId": "flux-schnell",
            "createdAfter": "2026-11-01T00:00:00Z",
            "limit": "5",
        }
    ]


def test_all_jobs_are_read_page_by_page(api: Api, vsl: Run) -> None:
    api.next = pages(100, 100, 7)
    assert len(vsl("jobs", "--all", "--json").document["jobs"]) == 207
    assert [query.get("cursor") for query in queries(api)] == [None, "c100", "c200"]


def test_a_limit_over_a_page_takes_as_many_pages_as_it_needs(api: Api, vsl: Run) -> None:
    api.next = pages(100, 20, 1)
    done = vsl("jobs", "--limit", "120")
    assert [query["limit"] for query in queries(api)] == ["100", "20"]
    assert len(done.out.splitlines()) == 1 + 120 + 1
    assert done.out.endswith("(there are more jobs: add --all)\n")


def test_models_are_listed_and_one_is_shown_with_a_command_to_start_from(api: Api, vsl: Run) -> None:
    api.documents = {"/models": Answer(200, {"models": [MODEL]}), "/models/flux-schnell": Answer(200, MODEL)}
    assert vsl("models").out.splitlines()[1].split() == ["image", "flux-schnell", "$0.003", "5", "s"]
    shown = vsl("models", "flux-schnell").out
    assert "vsl generate image --model flux-schnell --param 'prompt=a lighthouse at dawn' --wait" in shown
    assert "num_outputs   integer  default 1  at most 4" in shown
    assert "1:1, 16:9" in shown
    assert vsl("models", "flux-schnell", "--json").document == MODEL


def test_usage_is_shown_by_day_with_what_the_budget_leaves(api: Api, vsl: Run) -> None:
    used = {"jobs": 2, "cost": 0.006, "seconds": 3.25}
    document = {
        "from": "2026-11-01",
        "to": "2026-12-01",
        "totals": used,
        "usage": [{"day": "2026-11-22", "modelId": "flux-schnell", "mediaType": "image", **used}],
        "budget": {"month": "2026-11", "limit": 25.0, "remaining": 24.994},
        "running": {"limit": 5, "jobs": 1},
    }
    api.documents = {"/usage": Answer(200, document)}
    shown = vsl("usage", "--from", "2026-11-01", "--to", "2026-12-01").out.splitlines()
    assert shown[0] == "2026-11-01 to 2026-12-01"
    assert shown[2].split() == ["2026-11-22", "image", "flux-schnell", "2", "$0.006", "3.2"]
    assert shown[3].split() == ["total", "2", "$0.006", "3.2"]
    assert shown[4:] == ["budget: month 2026-11, limit $25, remaining $24.994", "running: limit 5, jobs 1"]
    assert queries(api) == [{"from": "2026-11-01", "to": "2026-12-01"}]
    assert vsl("usage", "--json").document == document
    api.documents = {"/usage": Answer(200, {})}
    assert vsl("usage").code is Exit.OK


def test_a_cancel_shows_how_the_job_then_stands(api: Api, vsl: Run) -> None:
    api.documents = {f"/jobs/{JOB_ID}/cancel": Answer(200, {"jobId": JOB_ID, "status": "canceled"})}
    done = vsl("cancel", JOB_ID, "--json")
    assert (done.code, done.document["status"]) == (Exit.OK, "canceled")


def test_a_job_that_is_canceled_already_is_what_was_wanted_and_one_that_is_done_is_not(api: Api, vsl: Run) -> None:
    canceled = {"jobId": JOB_ID, "status": "canceled"}
    api.statuses = [canceled]
    ended = {"code": "job_finished", "detail": "The job has ended."}
    api.next = [Answer(409, ended | {"jobStatus": "canceled"})]
    assert vsl("cancel", JOB_ID, "--json").document == canceled
    api.next = [Answer(409, ended | {"jobStatus": "completed"})]
    done = vsl("cancel", JOB_ID, "--json")
    assert (done.code, done.error["jobStatus"]) == (Exit.REFUSED, "completed")


def test_a_retry_is_followed_as_a_generation_is(api: Api, vsl: Run) -> None:
    api.documents = {"/jobs/old/retry": Answer(202, {"jobId": JOB_ID, "status": "queued"})}
    assert vsl("retry", "old", "--wait", "--json").document == api.completed()
    assert api.seen[0].headers["idempotency-key"]


def test_a_delete_wants_a_yes(api: Api, vsl: Run) -> None:
    assert (vsl("delete", JOB_ID).code, api.seen) == (Exit.USAGE, [])
    api.next = [Answer(204)]
    assert vsl("delete", JOB_ID, "--yes", "--json").document == {"jobId": JOB_ID, "deleted": True}
    assert api.asked("DELETE", f"/jobs/{JOB_ID}")


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([REQUEST, REQUEST]),
        json.dumps({"requests": [REQUEST, REQUEST]}),
        f"{json.dumps(REQUEST)}\n\n{json.dumps(REQUEST)}\n",
    ],
)
def test_a_batch_is_sent_from_json_or_from_one_request_a_line(api: Api, vsl: Run, tmp_path: Path, content: str) -> None:
    api.documents = {"/batches": Answer(202, {"batchId": "b"})}
    (tmp_path / "requests").write_text(content)
    assert vsl("batch", "requests", "--json").document == {"batchId": "b"}
    assert api.seen[0].json() == {"requests": [REQUEST, REQUEST]}


def test_a_batch_names_the_line_that_cannot_be_read(api: Api, vsl: Run, tmp_path: Path) -> None:
    (tmp_path / "requests").write_text(f"{json.dumps(REQUEST)}\n{{oops\n")
    done = vsl("batch", "requests")
    assert (done.code, api.seen) == (Exit.USAGE, [])
    assert "line 2 of requests is not JSON" in done.err


def test_an_id_is_a_part_of_the_path_and_nothing_else(api: Api, vsl: Run) -> None:
    vsl("status", "../models?x#y")
    assert api.seen[0].path == "/status/..%2Fmodels%3Fx%23y"


def test_a_batch_of_which_some_is_refused_is_code_3_and_says_what(api: Api, vsl: Run, tmp_path: Path) -> None:
    error = {"code": "unknown_model", "detail": "Unknown image model."}
    results = [{"index": 0, "jobId": JOB_ID, "status": "queued"}, {"index": 1, "error": error}]
    api.documents = {"/batches": Answer(202, {"batchId": "b", "results": results})}
    (tmp_path / "requests").write_text(json.dumps([REQUEST, REQUEST]))
    done = vsl("batch", "requests")
    assert done.code is Exit.REFUSED
    assert [line.split(maxsplit=2) for line in done.out.splitlines()] == [
        ["b"],
        ["0", "queued", JOB_ID],
        ["1", "refused", "unknown_model: Unknown image model."],
    ]
