"""Users and user groups that ElastiCache refuses."""

import re
from collections.abc import Iterator, Sequence

from aws_requests.request import Request
from aws_requests.rules.checks import Parameters, Problem, each_request, whole_recording
from aws_requests.rules.history import answered, before

_GUIDE = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg"
_USER = ("elasticache.CreateUser", "elasticache.ModifyUser")
# What Redis knows and ElastiCache leaves to its own parameters: passwords.
_WORD = re.compile(
    r"on|off|reset|resetkeys|resetchannels|allkeys|allchannels|allcommands|nocommands|clearselectors"
    r"|(%(R|W|RW))?~\S+|&\S+|[+-](@[a-z]+|[a-z][a-z0-9._-]*(\|[a-z-]+)?)|\(.+\)",
    re.IGNORECASE,
)


@each_request(*_USER, source=f"{_GUIDE}/Clusters.RBAC.html#Access-string")
def access_string(parameters: Parameters) -> Iterator[str]:
    text = parameters.get("AccessString")
    if text is None:
        return
    words = text.split()
    if not {"on", "off"} & set(words):
        yield "an access string without on or off makes a user that is off and cannot log in"
    for word in words:
        if word[0] in "><#!" or word in ("nopass", "resetpass"):
            yield "passwords are not part of an access string"
        elif not _WORD.fullmatch(word):
            yield f"{word!r} is not a rule of an access string, such as ~key:*, +get or -@all"


@each_request("elasticache.CreateUser", source=f"{_GUIDE}/auth-iam.html#auth-iam-limits")
def token_users_have_one_name(parameters: Parameters) -> Iterator[str]:
    """A login with a token names one of the two only."""
    kind = (parameters.get("AuthenticationMode") or {}).get("Type")
    if kind == "iam" and parameters["UserId"] != parameters["UserName"]:
        yield "the id and the name of a user with IAM authentication must be the same"
    if kind == "iam" and (parameters.get("Passwords") or parameters.get("NoPasswordRequired")):
        yield "a user with IAM authentication has no password"
    if kind is None and not parameters.get("Passwords") and not parameters.get("NoPasswordRequired"):
        yield "a user needs a password, NoPasswordRequired or an authentication mode"


@each_request("elasticache.CreateUser", "elasticache.CreateUserGroup", source=f"{_GUIDE}/Clusters.RBAC.html")
def ids(parameters: Parameters) -> Iterator[str]:
    name = parameters.get("UserGroupId") or parameters.get("UserId", "")
    if len(name) > 40 or not re.fullmatch(r"[A-Za-z](-?[A-Za-z0-9])*", name):
        yield f"{name!r}: a letter, then up to 39 letters, digits and single hyphens, not one at its end"


@whole_recording(source=f"{_GUIDE}/Clusters.RBAC.html#User-Groups")
def groups_are_whole(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name != "elasticache.CreateUserGroup":
            continue
        users = {
            user.parameters["UserId"]: user.parameters
            for user in answered(before(recording, request), "elasticache.CreateUser")
        }
        users["default"] = {"UserName": "default"}  # ElastiCache has one of its own
        members = request.parameters.get("UserIds") or []
        names = [users[member]["UserName"] for member in members if member in users]
        for member in members:
            if member not in users:
                yield request, f"the user {member} does not exist"
        if request.parameters["Engine"].lower() == "redis" and "default" not in names:
            yield request, "a group of the engine redis needs a user whose name is default"
        if len(set(names)) < len(names):
            yield request, "two users of a group have the same name"
        without = [member for member in members if users.get(member, {}).get("NoPasswordRequired")]
        if request.parameters["Engine"].lower() == "valkey" and without:
            yield request, f"a group of the engine valkey takes no users without authentication: {without}"


@whole_recording(source=f"{_GUIDE}/auth-iam.html#auth-iam-limits")
def groups_fit_the_cache(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name != "elasticache.CreateReplicationGroup":
            continue
        history = before(recording, request)
        engine, version = request.parameters.get("Engine", "redis"), request.parameters.get("EngineVersion") or "7"
        groups = {
            made.parameters["UserGroupId"]: made.parameters for made in answered(history, "elasticache.CreateUserGroup")
        }
        users = {made.parameters["UserId"]: made.parameters for made in answered(history, "elasticache.CreateUser")}
        for group in (groups[name] for name in request.parameters.get("UserGroupIds") or [] if name in groups):
            if engine == "redis" and group["Engine"].lower() == "valkey":
                yield request, "a cache of the engine redis takes no user group of the engine valkey"
            kinds = [(users.get(user) or {}).get("AuthenticationMode", {}).get("Type") for user in group["UserIds"]]
            if "iam" in kinds and int(version.split(".")[0]) < 7:
                yield request, f"IAM authentication needs version 7, not {version}"
