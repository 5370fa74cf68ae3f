"""From an empty account to the first generation and back, by the commands of the README, on an account of its own."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from aws_rules import check_recordings
from common.api import ApiClient
from common.progress import Progress
from deploy import linked_roles
from e2e.parts import IMAGE
from e2e.terraform_plans import LOST_OF_ALARMS
from local_cloud.aws import Aws
from local_cloud.emulator import recording
from local_cloud.packages import ROOT, layer_platform
from local_cloud.replicate import made_up_token, made_up_webhook_secret
from local_cloud.servers import Servers
from local_cloud.state import Environment
from local_cloud.values import terraform_variables
from terraform_provider import running_provider

CHAPTER = "From an empty account to the first generation"
KEY = "VSL_API_KEY"
COPIED = ("docs", "scripts", "terraform", "lambdas", "layers", "sql", "build/functions", "build/layers")
STATE, ARTIFACTS = "vsl-local-state-000000000000", "vsl-local-artifacts-000000000000"
# Bootstrap, apply and destroy wait for AWS's own pace, which the provider keeps on an emulator too.
pytestmark = pytest.mark.timeout(1500)


@dataclass
class Day:
    """What the infra team typed and read."""

    root: Path
    environ: dict[str, str]
    aws: Aws
    servers: Environment
    told: dict[str, subprocess.CompletedProcess[str]] = field(default_factory=dict)

    def type(self, line: str, name: str = "") -> subprocess.CompletedProcess[str]:
        """Type a line into a shell; what it said is kept under the name of the target."""
        command = ["sh", "-c", line.replace("ENV=dev", "ENV=local")]
        done = subprocess.run(command, cwd=self.root, env=self.environ, capture_output=True, text=True, check=False)
        self.told[name or target(line)] = done
        return done

    @property
    def everything_shown(self) -> str:
        """All that stood on the screen."""
        return "".join(done.stdout + done.stderr for done in self.told.values())

    def state(self) -> str:
        """Read Terraform's state."""
        found = self.aws.client("s3").get_object(Bucket=STATE, Key="vsl-local/terraform.tfstate")
        return str(found["Body"].read().decode())


def commands() -> list[str]:
    """Read the chapter's commands that need the account."""
    chapter = (ROOT / "README.md").read_text().partition(f"# {CHAPTER}\n")[2]
    lines = chapter.partition("```sh\n")[2].partition("```")[0].splitlines()
    assert len(lines) < 15
    return [line for line in lines if "ENV=dev" in line]


def target(line: str) -> str:
    """Name the target of a line: `make access ENV=…`, `export KEY=$(make -s access …)`."""
    found = re.search(r"\bmake (?:-s )?([a-z]+)", line)
    assert found, line
    return found[1]


def copy_repository(to: Path) -> None:
    """Copy what the commands read and write, with its dates: what is built stays built."""
    for name in COPIED:
        shutil.copytree(
            ROOT / name, to / name, ignore=shutil.ignore_patterns(".terraform", "*.tfstate*", "__pycache__")
        )
    for path in (ROOT / "Makefile", ROOT / "requirements-dev.txt", *(ROOT / "build").glob("sizes-*.txt")):
        shutil.copy2(path, to / path.relative_to(ROOT))
    (to / ".venv").symlink_to(ROOT / ".venv")
    # The local cloud's own state bucket has another name than the bootstrap's.
    backend = to / "terraform/environments/local.s3.tfbackend"
    backend.write_text(re.sub(r"(?m)^bucket .*\n", "", backend.read_text()))


def variables(servers: Environment) -> dict[str, str]:
    """Give a shell in which AWS is the emulator, Replicate the simulator, and every question is answered."""
    foreign = ("AWS_", "MAKE", "MFLAGS", "ENV", "VSL_", "TF_VAR_")
    own = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    given = {f"TF_VAR_{name}": value for name, value in terraform_variables(servers).items()}
    answers = {
        "ARCH": layer_platform(),
        "CONFIRM": "vsl-local",
        "GITHUB_OWNER_ID": "1",
        "GITHUB_REPOSITORY_ID": "2",
        "REPLICATE_API_TOKEN": servers.replicate_token,
        "REPLICATE_BASE_URL": f"{servers.url('simulator')}/v1",
    }
    return own | servers.variables() | given | answers


@contextmanager
def account(folder: Path) -> Iterator[Environment]:
    """Run PostgreSQL, Redis, an empty account, and Replicate's simulator."""
    started = Environment("simulator", replicate_token=made_up_token(), webhook_secret=made_up_webhook_secret())
    own = Servers(folder, os.environ, Progress(StringIO()))
    try:
        own.start(
            started.replicate_token, started.webhook_secret, lambda each: started.servers.update({each.name: each})
        )
        yield started
    finally:
        own.stop(started.servers)


@pytest.fixture(scope="module")
def day(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """The day so far: too early a plan, then every command of the chapter."""
    folder = tmp_path_factory.mktemp("servers")
    with account(folder) as servers:
        root = tmp_path_factory.mktemp("repository")
        copy_repository(root)
        day = Day(root, variables(servers), Aws(servers.url("emulator")), servers)
        with ExitStack() as stack:
            failed = type_everything(day, stack)
            assert not failed, failed
            yield day
        check_recordings("deploy", request.session, recording(folder / "emulator"))


def type_everything(day: Day, stack: ExitStack) -> str:
    """Type the day's commands up to the first that fails; gives what it said.

    Terraform installs and starts the provider for the bootstrap; one provider then serves all further commands.
    """
    day.type("make plan ENV=dev", "early plan")
    for line in commands():
        done = day.type(line + f' && printf %s "${KEY}"' if KEY in line else line)
        if done.returncode:
            return f"{line}\n{done.stdout}{done.stderr}"
        if KEY in line:
            day.environ[KEY] = done.stdout
        if target(line) == "bootstrap":
            data = day.root / "build" / "terraform-bootstrap-local"
            day.environ = stack.enter_context(running_provider(data, day.environ))
    return ""


def outputs(day: Day) -> dict[str, Any]:
    return {name: output["value"] for name, output in json.loads(day.state())["outputs"].items()}


def test_the_chapter_has_every_command_in_order() -> None:
    order = ["bootstrap", "upload", "plan", "apply", "secrets", "migrate", "access", "smoke"]
    assert [target(line) for line in commands()] == order


def test_a_plan_comes_too_early_in_an_empty_account(day: Day) -> None:
    early = day.told["early plan"]
    assert early.stdout == ""
    assert early.stderr.splitlines()[:2] == [
        "deploy: no packages were uploaded: run make upload ENV=local",
        f"deploy: the state bucket {STATE} does not exist: make bootstrap ENV=local",
    ]


def test_the_plan_is_what_was_applied(day: Day) -> None:
    [planned] = re.findall(r"^Plan: (\d+) to add, 0 to change, 0 to destroy", day.told["plan"].stdout, re.MULTILINE)
    assert f"local.tfplan: {planned} to create, 0 to update, 0 to delete" in day.told["apply"].stdout
    assert f"Apply complete! Resources: {planned} added" in day.told["apply"].stdout
    assert f"vsl-local is applied. API: {outputs(day)['api_url']}\nNext: make migrate" in day.told["apply"].stdout


def test_a_second_plan_changes_nothing_but_what_the_emulator_loses(day: Day) -> None:
    done = day.type("make plan ENV=dev", "second plan")
    lost = {resource for resource, _ in LOST_OF_ALARMS}
    changed = re.findall(r"^  # \S*?(\w+)\.\w+(?:\[\S+\])? (?:will|must) be", done.stdout, re.MULTILINE)
    assert (done.returncode, set(changed)) == (0, lost), done.stdout + done.stderr


def test_a_second_bootstrap_changes_nothing(day: Day) -> None:
    done = day.type(commands()[0], "second bootstrap")
    assert (done.returncode, "No changes." in done.stdout) == (0, True), done.stdout + done.stderr


def test_the_key_stands_alone_and_opens_the_api(day: Day) -> None:
    key = day.told["access"].stdout
    assert re.fullmatch(r"vsl_local_\w+", key)
    assert "shown this once" in day.told["access"].stderr
    with ApiClient(outputs(day)["api_url"], key) as client:
        assert client.post("/generate-media", IMAGE).status == 202


def test_migrations_run_once(day: Day) -> None:
    names = [path.name for path in sorted((ROOT / "sql/migrations").iterdir())]
    assert day.told["migrate"].stdout.split()[-len(names) :] == names
    assert f"0 applied, {len(names)} were there already" in day.type("make migrate ENV=dev", "again").stdout


def test_the_smoke_test_made_an_image(day: Day) -> None:
    told = day.told["smoke"].stdout
    assert "A request without a key: answered 401" in told
    assert re.search(r"^vsl-local works: original\.webp \(\d+x\d+, ", told, re.MULTILINE)


def test_a_smoke_test_without_a_key_makes_one_and_revokes_it(day: Day) -> None:
    done = day.type("VSL_API_KEY= make smoke ENV=dev", "smoke without a key")
    assert done.returncode == 0, done.stderr
    functions = outputs(day)["function_names"]
    users = day.aws.invoke(functions["manage_access"], {"action": "list"})["users"]
    [keys] = [user["keys"] for user in users if user["name"] == "smoke test"]
    assert len(keys) == 1
    assert all(key["revokedAt"] for key in keys)


def test_no_secret_is_shown_or_kept(day: Day) -> None:
    password = day.servers.url("postgres").partition("://")[2].partition("@")[0].partition(":")[2]
    kept = [path.read_bytes().decode(errors="replace") for path in (day.root / "build").glob("*.tfplan*")]
    for secret in (day.servers.replicate_token, day.servers.webhook_secret, password):
        assert secret not in day.everything_shown
        assert not [text for text in (*kept, day.state()) if secret in text]


def test_what_is_destroyed_is_gone_and_the_bootstrap_stays(day: Day) -> None:
    done = day.type("make destroy ENV=dev")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.index("bucket with media") < done.stdout.index("Destroy complete!")
    clients = {
        name: day.aws.client(name) for name in ("lambda", "dynamodb", "sqs", "secretsmanager", "s3", "iam", "logs")
    }
    assert clients["lambda"].list_functions()["Functions"] == []
    assert clients["dynamodb"].list_tables()["TableNames"] == []
    assert clients["sqs"].list_queues().get("QueueUrls", []) == []
    assert clients["secretsmanager"].list_secrets()["SecretList"] == []
    assert clients["logs"].describe_log_groups()["logGroups"] == []
    assert {each["Name"] for each in clients["s3"].list_buckets()["Buckets"]} == {STATE, ARTIFACTS}
    # Service-linked roles belong to the account: other environments need them.
    linked = {f"{linked_roles.PATH}{service}/" for service in linked_roles.SERVICES}
    assert {role["Path"] for role in clients["iam"].list_roles()["Roles"]} == {"/bootstrap/", *linked}
