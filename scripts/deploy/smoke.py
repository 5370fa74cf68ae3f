"""Smoke test of a real environment: generate one image, and check that a request without a key is refused."""

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import urllib3
from botocore.exceptions import ClientError

from common.api import ApiClient
from common.generation import Finished, Generator, NotGenerated, Wish
from common.problems import SetupProblem
from deploy.access import deployer, user_of_name
from deploy.preflight import Deployment, Needs, Place, ready

USER_NAME = "smoke test"
# Black Forest Labs' price of a flux-schnell image at Replicate.
ABOUT_DOLLARS = 0.003
IMAGE = Wish("image", "flux-schnell", "a lighthouse at dawn")
# A cold model takes a minute or two to start.
PATIENCE_SECONDS = 300.0
NOBODYS_JOB = "/status/00000000-0000-7000-8000-000000000000"
# Last step of a failed generation -> the function whose log has the reason, and the usual cause.
LOOK_IN = {
    "unauthorized": ("authorize", "the key may be wrong or another environment's; a new database needs make migrate"),
    "asking": ("generate_media", "make migrate and make secrets come first"),
    "looking": ("get_status", ""),
    "queued": ("submit_job", "Replicate asks to wait, or refuses the account or its token (make secrets)"),
    "submitting": ("generate_media", "Replicate's answer was lost; the five-minute check goes on with the job"),
    "processing": ("receive_webhook", "Replicate's webhook did not come or was refused: make secrets"),
}
AT_THE_END = ("process_webhook", "")


def smoke(given: Namespace, place: Place) -> None:
    """generate one image on the real platform for about $0.003, and check that a request without a key is refused"""
    deployment = ready(place, given.environment, "smoke", Needs.TERRAFORM | Needs.STATE)
    place.progress.note(f"Smoke test of {deployment}: one image by {IMAGE.model_id}, about ${ABOUT_DOLLARS}")
    outputs = deployment.terraform().outputs()
    if "api_url" not in outputs:
        raise SetupProblem(f"there is no API yet: run make apply ENV={given.environment}")
    try:
        _refused_without_key(outputs, place)
        with _key(deployment) as key:
            told = _generate(outputs, key, place)
    except urllib3.exceptions.HTTPError as problem:
        raise SetupProblem(f"{outputs['api_url']} cannot be reached: {problem}") from None
    place.progress.note(f"\n{deployment.environment.prefix} works: {told}.")


def _refused_without_key(outputs: dict[str, Any], place: Place) -> None:
    with place.progress.step("A request without a key") as step, ApiClient(outputs["api_url"]) as stranger:
        status = stranger.get(NOBODYS_JOB).status
        step.detail = f"answered {status}"
        if status != HTTPStatus.UNAUTHORIZED:
            raise SetupProblem(f"a request without a key was answered {status} instead of 401{_see(outputs, 'api')}")


def _generate(outputs: dict[str, Any], key: str, place: Place) -> str:
    with ApiClient(outputs["api_url"], key) as client, TemporaryDirectory() as folder:
        try:
            finished = Generator(client, Path(folder), place.progress, PATIENCE_SECONDS).make(IMAGE)
        except NotGenerated as problem:
            function, hint = LOOK_IN.get(problem.at, AT_THE_END)
            raise SetupProblem(f"{problem}{_see(outputs, function, hint)}") from None
    wrong = [f"{file.path.name}: {file.problem}" for file in finished.files if file.problem]
    if wrong:
        raise SetupProblem(f"{'; '.join(wrong)}{_see(outputs, 'process_webhook')}")
    return _told(finished, place)


def _told(finished: Finished, place: Place) -> str:
    original = next(file for file in finished.files if file.kind == "original")
    size = f"{original.media.width}x{original.media.height}, " if original.media else ""
    others = len(finished.files) - 1
    found = f"{original.path.name} ({size}{original.size_bytes:,} bytes) and {others} more files are sound"
    return f"{found}, {place.progress.seconds:.0f} s in all"


def _see(outputs: dict[str, Any], name: str, hint: str = "") -> str:
    """Name the log group to look in."""
    return f". Look in the log group {outputs['log_groups'][name]}{f' ({hint})' if hint else ''}"


@contextmanager
def _key(deployment: Deployment) -> Iterator[str]:
    """Yield VSL_API_KEY, else a key created for this test and revoked afterwards."""
    given = deployment.place.environ.get("VSL_API_KEY")
    if given:
        yield given
        return
    functions = deployer(deployment)
    try:
        user_id, _ = user_of_name(functions, USER_NAME)
        made = functions.manage_access("create-key", userId=user_id, name=USER_NAME)
    except ClientError as problem:
        raise SetupProblem(f"cannot create an API key for the test ({problem}): export VSL_API_KEY") from None
    try:
        yield made["apiKey"]
    finally:
        functions.manage_access("revoke-key", keyId=made["keyId"])
        deployment.place.progress.note("  · the key made for this test is revoked")
