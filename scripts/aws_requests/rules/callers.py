"""Find requests that a role may not send, although the emulator accepted them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from aws_requests.request import Request
from aws_requests.rules.checks import Problem, whole_recording
from aws_requests.rules.history import last_part
from iam_policies.documents import Statement, statements
from iam_policies.evaluator import Question, is_allowed
from iam_policies.operations import Place, questions

type Policies = dict[str, list[Statement]]


@dataclass
class _Role:
    """A role at a point of the recording. `before` are its policies before the last change."""

    account: str
    boundary: str
    policies: Policies = field(default_factory=dict)
    before: Policies = field(default_factory=dict)

    def change(self, name: str, document: list[Statement] | None) -> None:
        self.before = dict(self.policies)
        if document is None:
            self.policies.pop(name, None)
        else:
            self.policies[name] = document

    def allows(self, question: Question, boundaries: Policies) -> bool:
        """Return whether its policies allow it now or did before the last change, as requests may race a change."""
        boundary = boundaries.get(last_part(self.boundary)) if self.boundary else None
        given = (
            [each for document in policies.values() for each in document] for policies in (self.policies, self.before)
        )
        return any(is_allowed(question, policies, boundary) for policies in given)


@whole_recording(
    source="https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html"
)
def allowed_by_role(recording: Sequence[Request]) -> Iterator[Problem]:
    """What a role sent and the emulator did not refuse is allowed by the role's policies and by its boundary."""
    roles: dict[str, _Role] = {}
    boundaries: Policies = {}
    secrets: dict[str, str] = {}
    for request in recording:
        if request.service == "iam" and request.status < HTTPStatus.MULTIPLE_CHOICES:
            _apply(request, roles, boundaries)
        elif request.name == "secretsmanager.CreateSecret":
            secrets[request.parameters["Name"]] = request.answer.get("ARN", "")
        elif request.caller in roles and request.status != HTTPStatus.FORBIDDEN:
            place = Place(request.region, roles[request.caller].account, secrets)
            yield from _of_role(request, roles[request.caller], boundaries, place)


def _of_role(request: Request, role: _Role, boundaries: Policies, place: Place) -> Iterator[Problem]:
    asked = questions(request.name, request.parameters, place)
    if asked is None:
        yield request, f"the table of operations lacks it: iam_policies.operations must say what {request.caller} needs"
    from_function = {"lambda:SourceFunctionArn": place.arn("lambda", f"function:{request.caller}")}
    for question in asked or []:
        complete = Question(question.action, question.resource, {**question.context, **from_function})
        if not role.allows(complete, boundaries):
            yield request, f"{request.caller} may not {question.action} on {question.resource}"


def _apply(request: Request, roles: dict[str, _Role], boundaries: Policies) -> None:
    """Follow a change of a role or of a policy that may be a boundary."""
    given = request.parameters
    role = roles.get(given.get("RoleName", ""))
    match request.operation:
        case "CreateRole":
            account = request.answer.get("Role", {}).get("Arn", "::::").split(":")[4]
            roles[given["RoleName"]] = _Role(account, given.get("PermissionsBoundary", ""))
        case "PutRolePolicy" if role:
            role.change(given["PolicyName"], _read(given["PolicyDocument"]))
        case "DeleteRolePolicy" if role:
            role.change(given["PolicyName"], None)
        case "CreatePolicy":
            boundaries[given["PolicyName"]] = _read(given["PolicyDocument"])
        case "CreatePolicyVersion" if given.get("SetAsDefault"):
            boundaries[last_part(given["PolicyArn"])] = _read(given["PolicyDocument"])


def _read(document: str) -> list[Statement]:
    """Return the statements; none of a text that is no policy, which roles.policy_grammar reports."""
    try:
        return statements(document)
    except (AttributeError, KeyError, TypeError, ValueError):
        return []
