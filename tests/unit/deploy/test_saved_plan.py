"""A saved plan is applied unchanged, or not at all."""

from pathlib import Path

import pytest

from common.problems import SetupProblem
from deploy.environment import FOLDER, load
from deploy.saved_plan import SavedPlan

URL = {"TF_VAR_redis_url": "rediss://host/0"}


@pytest.fixture
def saved(tmp_path: Path) -> SavedPlan:
    (tmp_path / FOLDER).mkdir(parents=True)
    for name in ("dev", "prod"):
        (tmp_path / FOLDER / f"{name}.tfvars").write_text(f'prefix = "vsl-{name}"\n')
        (tmp_path / FOLDER / f"{name}.s3.tfbackend").touch()
    (tmp_path / "terraform/modules/function").mkdir(parents=True)
    (tmp_path / "build").mkdir()
    saved = SavedPlan(tmp_path, load(tmp_path, "dev"))
    saved.path.write_bytes(b"Terraform's")
    saved.note({"create": 3, "delete": 1}, URL)
    return saved


def test_a_plan_is_good_while_nothing_changes(saved: SavedPlan) -> None:
    assert str(saved.read(URL)) == "3 to create, 0 to update, 1 to delete, planned 0 minutes ago"


@pytest.mark.parametrize(
    "changed",
    [
        "main.tf",
        "modules/function/main.tf",
        "packages.auto.tfvars.json",
        "environments/dev.tfvars",
        ".terraform.lock.hcl",
    ],
)
def test_a_change_of_what_it_was_made_from_ends_it(changed: str, saved: SavedPlan) -> None:
    (saved.root / "terraform" / changed).write_text("# changed\n")
    with pytest.raises(SetupProblem, match=r"have changed since build/dev.tfplan was made: make plan ENV=dev"):
        saved.read(URL)


@pytest.mark.parametrize("changed", ["README.md", "tests/a.tftest.hcl", "environments/prod.tfvars"])
def test_a_change_of_something_else_does_not(changed: str, saved: SavedPlan) -> None:
    path = saved.root / "terraform" / changed
    path.parent.mkdir(exist_ok=True)
    path.write_text("# changed\n")
    assert saved.read(URL)


def test_a_url_missing_at_apply_is_reported(saved: SavedPlan) -> None:
    with pytest.raises(SetupProblem, match="made with TF_VAR_redis_url, which is in no plan: export it again"):
        saved.read({})


def test_neither_file_holds_a_url(saved: SavedPlan) -> None:
    assert not [path for path in saved.path.parent.iterdir() if b"rediss" in path.read_bytes()]


def test_an_applied_plan_is_deleted(saved: SavedPlan) -> None:
    saved.remove()
    assert saved.read(URL) is None
    assert list(saved.path.parent.iterdir()) == []
