"""A model's entry is generated from Replicate's description, completed by a person, and stored."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from common.deployer import Deployer
from common.paths import ROOT
from common.problems import SetupProblem
from contract.scripted_server import scripted
from integration.deploy.checkout import Checkout
from local_cloud.replicate import made_up_token, made_up_webhook_secret
from local_cloud.simulator import simulator_server

TOKEN, SIGNING = made_up_token(), made_up_webhook_secret()
FLUX, MUSIC = "black-forest-labs/flux-schnell", "meta/musicgen"


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with simulator_server(tmp_path_factory.mktemp("simulator"), api_token=TOKEN, webhook_secret=SIGNING) as url:
        yield f"{url}/v1"


@pytest.fixture(autouse=True)
def replicate(simulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLICATE_BASE_URL", simulator)
    monkeypatch.setenv("REPLICATE_API_TOKEN", TOKEN)


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    asked: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(Deployer, "manage_access", lambda _, action, **fields: asked.append((action, fields)))
    return asked


def written(checkout: Checkout, path: str) -> Any:
    return json.loads((checkout.root / "models" / path).read_text())


def write(checkout: Checkout, *arguments: str) -> str:
    done = checkout.run("model", *arguments)
    assert done.code == 0, done.err
    return done.out


def problem(checkout: Checkout, *arguments: str) -> str:
    done = checkout.run("model", *arguments)
    assert done.code == 1
    [line] = done.problems
    return line


def test_an_entry_is_written_with_what_only_a_person_knows(empty: Checkout) -> None:
    told = write(empty, "--model", FLUX, "--price", "0.003", "--time", "5")
    [(model_id, entry)] = written(empty, "image/flux-schnell.json")["image"].items()
    assert (model_id, entry["version"], entry["pricing"], entry["estimatedTime"]) == ("flux-schnell", FLUX, 0.003, 5)
    assert entry["supportedParams"][:3] == ["prompt", "aspect_ratio", "num_outputs"]
    assert entry["inputSchema"]["properties"]["output_format"] == {
        "description": "Format of the output images",
        "enum": ["webp", "jpg", "png"],
        "default": "webp",
    }
    assert "left out, as no client's to decide: disable_safety_checker" in told
    assert told.endswith("Next: read it, then make model ID=flux-schnell ENV=homolog\n")


def test_a_model_that_is_not_official_is_pinned_to_the_version_that_was_read(empty: Checkout) -> None:
    write(empty, "--model", MUSIC, "--id", "music")
    entry = written(empty, "audio/music.json")["audio"]["music"]
    assert entry["version"].startswith(f"{MUSIC}:671ac645")


def test_an_unknown_value_is_requested_and_then_kept(empty: Checkout, stored: list[Any]) -> None:
    told = write(empty, "--model", FLUX)
    assert "pricing is missing, Replicate does not tell it: give PRICE" in told
    assert "estimatedTime is missing, Replicate does not tell it: give TIME" in told
    refused = problem(empty, "dev", "--id", "flux-schnell")
    assert refused.endswith("not stored: PRICE (US dollars for one generation) and TIME (seconds one takes)")
    write(empty, "--model", FLUX, "--price", "0", "--time", "7")
    path = empty.root / "models/image/flux-schnell.json"
    path.write_text(path.read_text().replace('"estimatedTime"', '"deadlineSeconds": 60, "estimatedTime"'))
    told = write(empty, "--model", FLUX)
    entry = written(empty, "image/flux-schnell.json")["image"]["flux-schnell"]
    assert (entry["pricing"], entry["estimatedTime"], entry["deadlineSeconds"]) == (0, 7, 60)
    assert "is missing" not in told
    assert stored == []


def test_with_an_environment_it_is_stored_there(empty: Checkout, stored: list[Any]) -> None:
    told = write(empty, "dev", "--model", FLUX, "--price", "0.003", "--time", "5")
    entry = written(empty, "image/flux-schnell.json")["image"]["flux-schnell"]
    fields = {"mediaType": "image", "modelId": "flux-schnell", "configuration": entry}
    assert stored == [("put-model", fields)]
    assert f"Stored in {empty.prefix} (" in told
    write(empty, "dev", "--id", "flux-schnell")
    assert stored == [("put-model", fields)] * 2


def test_the_environments_own_token_is_used_where_there_is_no_other(
    empty: Checkout, stored: list[Any], client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REPLICATE_API_TOKEN")
    wanted = ("--model", FLUX, "--price", "0.003", "--time", "5")
    assert problem(empty, *wanted).startswith(
        "there is no Replicate API token: export REPLICATE_API_TOKEN, or give an ENV"
    )
    assert "make apply ENV=dev first" in problem(empty, "dev", *wanted)
    client("secretsmanager").create_secret(Name=f"{empty.prefix}/replicate-api-token", SecretString=TOKEN)
    assert TOKEN not in write(empty, "dev", *wanted)
    assert len(stored) == 1


def test_without_tables_the_migrations_come_first(empty: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise SetupProblem("manage-access failed: 42P01")

    monkeypatch.setattr(Deployer, "manage_access", refuse)
    refused = problem(empty, "dev", "--model", FLUX, "--price", "0.003", "--time", "5")
    assert refused == "the database has no tables yet: run make migrate ENV=dev first"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "MODEL is missing: for example make model MODEL="),
        (("--id", "flux-schnell"), "MODEL is missing"),
        (("--model", "flux-schnell"), "MODEL=flux-schnell is not a model: give owner/name"),
        (("--model", "../secret"), "MODEL=../secret is not a model"),
        (("--model", "nobody/nothing"), "Replicate shows no model nobody/nothing: it is misspelt, deleted, or private"),
        (
            ("--model", FLUX, "--media", "text"),
            "the media type of black-forest-labs/flux-schnell is unclear: give MEDIA=",
        ),
        (("--model", FLUX, "--id", "../x"), "ID=../x is not a model id"),
        (("--model", FLUX, "--price", "cheap"), "PRICE=cheap is not a number"),
        (("--model", FLUX, "--time", "0"), "TIME=0 is not a whole number of seconds"),
        (("dev", "--id", "flux-schnell"), "there is no models/<media type>/flux-schnell.json: give MODEL=owner/name"),
        (("dev", "--id", "../../secret"), "there is no models/<media type>/../../secret.json"),
    ],
)
def test_an_error_is_one_line_and_nothing_is_written(
    arguments: tuple[str, ...], told: str, empty: Checkout, stored: list[Any]
) -> None:
    assert problem(empty, *arguments).startswith(told)
    assert not list(empty.root.glob("models/**/*.json"))
    assert stored == []


def test_a_token_that_replicate_refuses_is_reported(empty: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLICATE_API_TOKEN", made_up_token())
    assert problem(empty, "--model", FLUX) == "Replicate refused the token (HTTP 401): check REPLICATE_API_TOKEN"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((500, {}), "Replicate failed (HTTP 500): run the command again later"),
        (None, "cannot reach Replicate (ProtocolError): check the network"),
        ((200, {"owner": "a", "name": "b", "latest_version": None}), "the media type of a/b is unclear"),
        (
            (200, {"owner": "a", "name": "b", "latest_version": None, "default_example": {"output": "x.mp4"}}),
            "a/b has no version that can run",
        ),
    ],
)
def test_missing_data_at_replicate_is_reported(
    answer: Any, told: str, empty: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted({"GET /v1/models/a/b": answer}) as server:
        monkeypatch.setenv("REPLICATE_BASE_URL", server.url)
        assert problem(empty, "--model", "a/b").startswith(told)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"image": {}}', '{"image": {"a": 1}, "video": {}}', '{"image": []}'])
def test_a_file_of_another_form_is_reported(text: str, empty: Checkout, stored: list[Any]) -> None:
    path = empty.write("models/image/odd.json", text)
    assert problem(empty, "dev", "--id", "odd").startswith(f"{path} must contain exactly one entry")


def test_entries_with_one_id_are_distinguished_by_media_type(empty: Checkout, stored: list[Any]) -> None:
    for media_type in ("image", "video"):
        write(empty, "--model", FLUX, "--media", media_type, "--price", "1", "--time", "5")
    assert problem(empty, "dev", "--id", "flux-schnell").startswith("2 models have the id flux-schnell: give MEDIA=")
    write(empty, "dev", "--id", "flux-schnell", "--media", "video")
    assert [fields["mediaType"] for _, fields in stored] == ["video"]


def test_its_folder_is_where_it_says(empty: Checkout) -> None:
    told = write(empty, "--model", FLUX)
    assert Path(told.partition(":")[0]) == Path("models/image/flux-schnell.json")


def planned(folder: Path, models: Any) -> str:
    """Plan with only the models' variable; return Terraform's error, if any."""
    shutil.copy(ROOT / "terraform" / "variables_models.tf", folder)
    (folder / "models.auto.tfvars.json").write_text(json.dumps({"models": models}))
    command = [shutil.which("terraform") or "terraform", "plan", "-input=false", "-no-color"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


@pytest.mark.parametrize("name", [FLUX, MUSIC, "stability-ai/stable-video-diffusion"])
def test_terraform_takes_an_entry_as_it_is_written_but_none_without_a_price(
    empty: Checkout, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    folder = tmp_path_factory.mktemp("variables")
    write(empty, "--model", name, "--time", "5", "--media", "image", "--id", "it")
    assert "A model needs pricing" in planned(folder, written(empty, "image/it.json"))
    write(empty, "--model", name, "--price", "0.5", "--media", "image", "--id", "it")
    assert planned(folder, written(empty, "image/it.json")) == ""
