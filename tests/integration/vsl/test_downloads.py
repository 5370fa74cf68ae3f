"""`--save`: complete files under sensible names, each checked; the API key is not sent to the links' host."""

from pathlib import Path

import pytest

from integration.common.fake_api import FILES, JOB_ID, PICTURE, Api
from integration.vsl.conftest import Run
from vsl.exits import Exit

SAVE = ("status", JOB_ID, "--save", "out/deep")
NAMES = [f"{JOB_ID}-{name}" for name in ("metadata.json", "original.ppm", "thumbnail.ppm")]


@pytest.fixture
def finished(api: Api) -> Api:
    api.statuses = [api.completed()]
    return api


def saved(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "out/deep").iterdir())


def test_files_are_saved_by_job_kind_and_content_type_and_told(finished: Api, vsl: Run, tmp_path: Path) -> None:
    done = vsl(*SAVE)
    assert (done.code, saved(tmp_path)) == (Exit.OK, NAMES)
    assert (tmp_path / "out/deep" / NAMES[1]).read_bytes() == PICTURE
    assert f"  out/deep/{JOB_ID}-original.ppm   781 bytes  ok" in done.out.splitlines()
    assert [file["path"] for file in vsl(*SAVE, "--json").document["files"]] == [
        f"out/deep/{JOB_ID}-{name}" for name in FILES
    ]


def test_the_key_is_not_sent_to_the_host_of_the_links(finished: Api, vsl: Run) -> None:
    vsl(*SAVE)
    downloads = [seen for seen in finished.seen if seen.path.startswith("/files/")]
    assert len(downloads) == 3
    assert not any("key" in seen.headers.get("authorization", "") for seen in downloads)


def test_a_refused_download_is_code_6_and_the_other_files_are_saved(finished: Api, vsl: Run, tmp_path: Path) -> None:
    del finished.files["thumbnail.ppm"]
    done = vsl(*SAVE, "--json")
    assert (done.code, saved(tmp_path)) == (Exit.NOT_SAVED, NAMES[:2])
    assert [file.get("problem") for file in done.document["files"]] == [None, "the link returned status 403", None]


def test_a_file_that_is_not_what_the_status_says_is_not_kept(finished: Api, vsl: Run, tmp_path: Path) -> None:
    finished.files["original.ppm"] = PICTURE[::-1]
    finished.files["metadata.json"] = b"cut"
    done = vsl(*SAVE)
    assert (done.code, saved(tmp_path)) == (Exit.NOT_SAVED, NAMES[2:])
    assert "its SHA-256 differs from the one in the status" in done.out
    assert "it has 3 bytes instead of" in done.out


def test_a_failed_download_leaves_the_file_of_an_earlier_one(finished: Api, vsl: Run, tmp_path: Path) -> None:
    vsl(*SAVE)
    finished.files["original.ppm"] = b"cut"
    assert vsl(*SAVE).code is Exit.NOT_SAVED
    assert (tmp_path / "out/deep" / NAMES[1]).read_bytes() == PICTURE


def test_a_link_that_is_over_is_replaced_by_a_new_one(finished: Api, vsl: Run, tmp_path: Path) -> None:
    old = finished.completed()
    old["outputs"] = [output | {"url": f"{finished.url}/files/gone"} for output in old["outputs"]]
    finished.statuses.insert(0, old)
    assert vsl(*SAVE).code is Exit.OK
    assert saved(tmp_path) == NAMES


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_asked_for(api: Api, vsl: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = vsl("generate", "image", "--model", "flux-schnell", "--save", "file/out")
    assert (done.code, api.seen) == (Exit.USAGE, [])


def test_a_failed_job_saves_nothing(api: Api, vsl: Run, tmp_path: Path) -> None:
    api.statuses = [{"jobId": JOB_ID, "status": "failed"}]
    assert vsl(*SAVE).code is Exit.JOB_FAILED
    assert saved(tmp_path) == []
