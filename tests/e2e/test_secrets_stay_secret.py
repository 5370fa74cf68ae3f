"""After successes and failures of every kind, logs, Terraform's state and its plan contain no secret."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest

from e2e.parts import AUDIO, IMAGE, VIDEO, Platform, until
from e2e.roles import Log, client, renew
from e2e.webhooks import prediction, signed
from local_cloud.aws import STATE_BUCKET
from local_cloud.cloud import LocalCloud
from local_cloud.state import Environment
from mediagen.access.api_keys import new_key
from mediagen.jobs.ids import new_job_id
from mediagen.times import utc_now

type Secrets = dict[str, str]  # by their form

PROMPT = "a very private lighthouse"
WRONG_PASSWORD = "no-longer-the-password"
FAULTS = ("429 retry_after=1 times=1", "failed", "nsfw", "422", "404", "output-html")
# Forms of secrets whose values this test does not know.
LOOKS = re.compile(
    r"X-Amz-(Signature|Security-Token)=|v1,[\w+/]{43}=|Bearer [\w-]{8}|\br8_\w{8}|whsec_[\w+/]{8}"
    r"|\bvsl_[a-z]+_\w{38}|\w+://[^\s/@:]*:[\w.~%-]{9,}@"
)
SHORTEST = 9  # characters; shorter ones occur in any text
# Fields of a request that an access log may contain; headers, queries and bodies may hold secrets.
MAY_BE_LOGGED = {
    "$context.requestTime",
    "$context.requestId",
    "$context.routeKey",
    "$context.status",
    "$context.responseLatency",
    "$context.integrationLatency",
    "$context.integration.status",
    "$context.integrationErrorMessage",
    "$context.authorizer.error",
    "$context.authorizer.userId",
    "$context.identity.sourceIp",
}


@pytest.fixture(scope="module")
def platform(cloud: LocalCloud, environment: Environment) -> Platform:
    """The platform for the length of this file: all its tests search the traces of this activity."""
    return Platform(cloud, environment)


@pytest.fixture(scope="module")
def configured(cloud: LocalCloud, environment: Environment) -> Secrets:
    urls = {name: server.url for name, server in environment.servers.items()} | cloud.variables(environment)
    passwords = {
        unquote(urlsplit(url).password or ""): name
        for name, url in urls.items()
        if "://" in url and not url.startswith("{")
    }
    return {
        "the Replicate token": environment.replicate_token,
        "the webhook secret": environment.webhook_secret.removeprefix("whsec_"),
        "the demo's API key": environment.api_key,
        **{f"the password of {name}": password for password, name in passwords.items() if password},
    }


# The client's secrets, and those of Redis's administrator, who does not exist on ElastiCache.
NOT_OF_FUNCTIONS = {"the demo's API key", "the password of redis"}


@pytest.fixture(scope="module")
def handled(platform: Platform) -> Secrets:
    """Run every act that handles secrets; return the secrets that occurred."""
    found = {"the prompt": PROMPT, "a refused password": WRONG_PASSWORD}
    found |= api_keys(platform) | webhook_signatures(platform)
    for number, link in enumerate(links(platform)):
        query = parse_qs(urlsplit(link).query)
        found |= {f"{name} of link {number}": query[name][0] for name in ("X-Amz-Signature", "X-Amz-Security-Token")}
    things_go_wrong(platform)
    return found


def api_keys(platform: Platform) -> Secrets:
    """Create, rotate, use and revoke keys, and use an unknown one."""
    manage = platform.deployer.manage_access
    made = manage("create-key", userId=manage("create-user", name="secretive")["userId"])
    rotated = manage("rotate-key", keyId=made["keyId"])
    found = {"a key": made["apiKey"], "a rotated key": rotated["apiKey"], "a wrong key": new_key("vsl_local")}
    answers = [using(platform, key).client.get("/status/x").status for key in found.values()]
    assert answers == [400, 400, 401]
    manage("revoke-key", keyId=rotated["keyId"])
    manage("list")
    return found


def webhook_signatures(platform: Platform) -> Secrets:
    """Post one genuine, one forged and one outdated webhook."""
    body = json.dumps(prediction(job_id := new_job_id(utc_now()))).encode()
    secret = platform.environment.webhook_secret
    headers = [signed(secret, body), signed("whsec_" + "A" * 32, body), signed(secret, body, age_seconds=999)]
    assert [platform.webhook(body, each, f"?jobId={job_id}").status for each in headers] == [202, 401, 401]
    return {f"signature {number} of a webhook": each["webhook-signature"] for number, each in enumerate(headers)}


def links(platform: Platform) -> list[str]:
    """Generate each media type once; return the links to all files, and follow one of them."""
    jobs = [platform.start(body) for body in (IMAGE | {"prompt": PROMPT}, VIDEO, AUDIO | {"prompt": PROMPT})]
    found = [output["url"] for job_id in jobs for output in platform.finished(job_id)["outputs"]]
    assert platform.client.get(found[0]).status == 200
    return [str(link) for link in found]


def things_go_wrong(platform: Platform) -> None:
    """Let Replicate, clients and a queue fail, and let PostgreSQL and Redis refuse the login."""
    post = platform.client.post
    answers = [post("/generate-media", IMAGE | {"prompt": f"{PROMPT} [[fault:{marker}]]"}) for marker in FAULTS]
    for answer in answers:
        platform.finished(answer.json()["jobId"])
    for body in (IMAGE | {"prompt": PROMPT, "params": {"prompt": PROMPT}}, {PROMPT: PROMPT}, f'{{"{PROMPT}"'.encode()):
        assert post("/generate-media", body).status in (400, 422)
    bad_message(platform)
    platform.deployer.migrate()
    platform.deployer.poll()
    until(lambda: platform.messages("webhooks") == 0, "the webhooks queue is empty")
    client = using(platform, platform.new_key("soon refused")).client
    assert client.get("/status/x").status == 400  # the authorizer's verdict is cached for long enough
    with logins_refused(platform):
        assert client.post("/generate-media", IMAGE | {"prompt": PROMPT}).status == 503
        assert client.get(f"/status/{new_job_id(utc_now())}").status == 503


def bad_message(platform: Platform) -> None:
    """Put an invalid message into a queue."""
    queue = platform.environment.outputs["queue_urls"]["submissions"]
    log = Log(platform, "submit_job")
    client(platform, "sqs").send_message(QueueUrl=queue, MessageBody=json.dumps({"prompt": PROMPT}))
    until(lambda: any(line["action"] == "unexpected_error" for line in log.lines()), "the message fails")
    client(platform, "sqs").purge_queue(QueueUrl=queue)


@contextmanager
def logins_refused(platform: Platform) -> Iterator[None]:
    """Replace the logins in the parameters with wrong or outdated ones."""
    ssm = client(platform, "ssm")
    names = [found["Name"] for found in ssm.describe_parameters()["Parameters"]]
    right = {name: ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"] for name in names}
    try:
        for name, url in right.items():
            parts = urlsplit(url)
            options = "&".join(option for option in parts.query.split("&") if not option.startswith("iam="))
            host = parts.netloc.rpartition("@")[2]
            wrong = parts._replace(netloc=f"vsl:{WRONG_PASSWORD}@{host}", query=options).geturl()
            ssm.put_parameter(Name=name, Value=wrong, Overwrite=True)
        forget(platform)
        yield
    finally:
        for name, url in right.items():
            ssm.put_parameter(Name=name, Value=url, Overwrite=True)
        forget(platform)


def forget(platform: Platform) -> None:
    """Start fresh containers for all functions, without cached values."""
    for function in platform.environment.outputs["function_names"]:
        renew(platform, function)


def using(platform: Platform, key: str) -> Platform:
    """Return the platform with another API key."""
    return Platform(platform.cloud, replace(platform.environment, api_key=key))


def found_in(text: str, secrets: Secrets) -> set[str]:
    """Return the names of secrets in a text, plain or URL-encoded, and of strings that look like secrets."""
    known = {name for name, value in secrets.items() if value in text or quote(value, safe="") in text}
    return known | {match.group() for match in LOOKS.finditer(text)}


def test_the_searched_secrets_are_the_current_ones(platform: Platform, configured: Secrets, handled: Secrets) -> None:
    assert min(map(len, (configured | handled).values())) >= SHORTEST
    ssm, manager = client(platform, "ssm"), client(platform, "secretsmanager")
    names = [found["Name"] for found in ssm.describe_parameters()["Parameters"]]
    parameters = [ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"] for name in names]
    ids = platform.environment.outputs["secret_ids"].values()
    in_use = "\n".join([*parameters, *(manager.get_secret_value(SecretId=each)["SecretString"] for each in ids)])
    assert configured.keys() - {name for name, value in configured.items() if value in in_use} == NOT_OF_FUNCTIONS
    assert found_in(f"Authorization: Bearer {configured["the demo's API key"]}", configured)


def test_no_log_of_a_function_holds_a_secret_a_prompt_or_a_signature(
    platform: Platform, configured: Secrets, handled: Secrets
) -> None:
    secrets = configured | handled
    for function in platform.environment.outputs["function_names"]:
        text = platform.log_text(function)
        assert '"action"' in text or function == "show_api", f"{function} did nothing"  # a page is not an event
        assert found_in(text, secrets) == set(), function
    assert found_in(platform.log_text("api"), secrets) == set()


def test_the_access_log_of_the_api_names_nothing_of_a_request_that_may_be_secret(platform: Platform) -> None:
    """Checked in Terraform's source, because the emulator writes no access log."""
    gateway = client(platform, "apigatewayv2")
    [api] = gateway.get_apis()["Items"]
    [stage] = gateway.get_stages(ApiId=api["ApiId"])["Items"]
    assert set(json.loads(stage["AccessLogSettings"]["Format"]).values()) <= MAY_BE_LOGGED


def test_neither_terraforms_state_nor_its_plan_nor_its_logs_hold_a_secret(
    plan: dict[str, Any], platform: Platform, configured: Secrets, handled: Secrets
) -> None:
    s3 = client(platform, "s3")
    [kept] = s3.list_objects_v2(Bucket=STATE_BUCKET)["Contents"]
    state = s3.get_object(Bucket=STATE_BUCKET, Key=kept["Key"])["Body"].read().decode()
    assert "aws_lambda_function" in state and "aws_lambda_function" in json.dumps(plan)
    logs = {path.name: path.read_text() for path in Path(platform.cloud.logs).glob("*.log")}
    assert "terraform-apply.log" in logs
    for name, text in ({"state": state, "plan": json.dumps(plan)} | logs).items():
        assert found_in(text, configured | handled) == set(), name
