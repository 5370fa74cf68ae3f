"""An environment is read from its two files, and mismatched files are refused."""

from pathlib import Path

import pytest

from common.paths import ROOT
from common.problems import SetupProblem
from deploy.environment import FOLDER, load, names

VALUES = """
# prefix = "vsl-commented"
prefix     = "vsl-dev" # its identity
region     = "eu-west-1"
disposable = true
database   = null
cache = {
  replicas = 1
  region   = "elsewhere"
}
"""
BACKEND = 'key = "vsl-dev/terraform.tfstate"\nregion = "eu-west-1"\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, "dev", VALUES, BACKEND)
    return tmp_path


def write(root: Path, name: str, values: str, backend: str) -> None:
    (root / FOLDER).mkdir(parents=True, exist_ok=True)
    (root / FOLDER / f"{name}.tfvars").write_text(values)
    (root / FOLDER / f"{name}.s3.tfbackend").write_text(backend)


def test_what_the_files_say_is_read(root: Path) -> None:
    dev = load(root, "dev")
    assert (dev.prefix, dev.region, dev.disposable) == ("vsl-dev", "eu-west-1", True)
    assert (dev.own_database, dev.own_cache) == (True, False)
    assert dev.state_bucket("1") == "vsl-dev-state-1"
    assert dev.artifact_bucket("1") == "vsl-dev-artifacts-1"
    assert list(dev.disagreements()) == []


def test_what_the_bootstrap_has_to_know_is_found_inside_objects(root: Path) -> None:
    objects = """
    network      = { existing = { vpc_id = "vpc-0a1b", function_subnet_ids = [] } }
    media_bucket = {
      replica_region = "us-west-2" # not "us-west-1"
    }
    # api = { domain = { zone_id = "Z1" } }
    """
    assert load(root, "dev").bootstrap == {}
    write(root, "dev", VALUES + objects, BACKEND)
    assert load(root, "dev").bootstrap == {"replica_region": "us-west-2", "existing_vpc_id": "vpc-0a1b"}


def test_missing_settings_have_their_defaults(root: Path) -> None:
    write(root, "prod", 'prefix = "vsl-prod"\nregion = "eu-west-1"\n', BACKEND)
    prod = load(root, "prod")
    assert not (prod.disposable or prod.own_database or prod.own_cache)


def test_a_bucket_named_by_the_backend_file_is_taken(root: Path) -> None:
    write(root, "dev", VALUES, BACKEND + 'bucket = "the-teams-own"\n')
    assert load(root, "dev").state_bucket("1") == "the-teams-own"


def test_another_prefix_in_the_key_is_reported_with_both(root: Path) -> None:
    write(root, "dev", VALUES, BACKEND.replace("vsl-dev", "vsl-prod"))
    [told] = load(root, "dev").disagreements()
    assert 'dev.tfvars says prefix "vsl-dev"' in told
    assert 'has the key "vsl-prod/terraform.tfstate"' in told


def test_another_region_is_reported_with_both(root: Path) -> None:
    write(root, "dev", VALUES, BACKEND.replace("eu-west-1", "us-east-1"))
    [told] = load(root, "dev").disagreements()
    assert '"eu-west-1"' in told
    assert '"us-east-1"' in told


def test_a_missing_prefix_is_reported(root: Path) -> None:
    write(root, "dev", "disposable = true\n", BACKEND)
    [told] = load(root, "dev").disagreements()
    assert "must give a prefix and a region" in told


def test_without_a_name_the_known_ones_are_listed(root: Path) -> None:
    with pytest.raises(SetupProblem, match=r"ENV is missing: for example make apply ENV=homolog \(there are dev\)"):
        load(root, "", "apply")


@pytest.mark.parametrize("name", ["homolg", "../dev", "dev.tfvars"])
def test_an_unknown_name_is_reported_with_the_known_ones(name: str, root: Path) -> None:
    with pytest.raises(SetupProblem, match=f"there is no environment {name}: choose one of dev"):
        load(root, name)


def test_a_missing_backend_file_is_named(root: Path) -> None:
    (root / FOLDER / "dev.s3.tfbackend").unlink()
    with pytest.raises(SetupProblem, match=r"dev\.s3\.tfbackend is missing"):
        load(root, "dev")


def test_there_are_the_environments_of_the_design() -> None:
    assert set(names(ROOT)) == {"dev", "staging", "homolog", "prod", "local"}


@pytest.mark.parametrize("name", names(ROOT))
def test_the_files_of_each_environment_agree(name: str) -> None:
    environment = load(ROOT, name)
    assert list(environment.disagreements()) == []
    assert environment.prefix == f"vsl-{name}"
    assert environment.disposable == (name in ("dev", "local"))
