"""An AWS account in front of moto: quotas and service-linked roles, refused with AWS's codes and messages.

moto has no account settings, enforces no quota of executions, addresses or VPCs, and answers a second request for a
service-linked role with another error than AWS.
"""

import io
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from moto.awslambda.models import lambda_backends
from moto.ec2.models import ec2_backends

type Environ = dict[str, Any]
type StartResponse = Callable[[str, list[tuple[str, str]]], Any]
type Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]

NUMBER = "123456789012"  # moto's account id
UNRESERVED_MINIMUM = 100
SCOPE = re.compile(r"Credential=[^/]+/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
CONCURRENCY = re.compile(r"/2017-10-31/functions/(?P<name>[^/]+)/concurrency")
LINKED_ROLES = {
    "rds.amazonaws.com": "AWSServiceRoleForRDS",
    "elasticache.amazonaws.com": "AWSServiceRoleForElastiCache",
    "ops.apigateway.amazonaws.com": "AWSServiceRoleForAPIGateway",
    "dynamodb.application-autoscaling.amazonaws.com": "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable",
}
ROLE = "<RoleName>{}</RoleName><Path>/aws-service-role/{}/</Path>"
CREATED_ROLE = (
    "<CreateServiceLinkedRoleResponse><CreateServiceLinkedRoleResult><Role>{}</Role></CreateServiceLinkedRoleResult>"
    "</CreateServiceLinkedRoleResponse>"
)
LISTED_ROLES = (
    "<ListRolesResponse><ListRolesResult><Roles>{}</Roles><IsTruncated>false</IsTruncated></ListRolesResult>"
    "</ListRolesResponse>"
)
XML_OF_IAM = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
)
XML_OF_EC2 = "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors></Response>"


@dataclass(frozen=True)
class Answer:
    """A response; `code` is that of a JSON service's error."""

    status: str
    body: str
    code: str = ""


@dataclass
class AccountDouble:
    """The account; `elsewhere` are executions that functions outside moto have reserved."""

    moto: Wsgi
    executions: int = 1000
    elsewhere: int = 0
    addresses: int = 5
    vpcs: int = 5
    denied: set[str] = field(default_factory=set)
    linked_roles: list[str] = field(default_factory=list)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer the requests that moto does not support; pass all others to moto."""
        answer = self._answer(environ)
        if answer is None:
            return self.moto(environ, start_response)
        headers = [("Content-Type", "application/json" if answer.body.startswith("{") else "text/xml")]
        start_response(answer.status, headers + [("x-amzn-errortype", answer.code)] * bool(answer.code))
        return [answer.body.encode()]

    def _answer(self, environ: Environ) -> Answer | None:
        answers = {"lambda": self._lambda, "ec2": self._ec2, "iam": self._iam, "servicequotas": self._quotas}
        scope = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        if not scope or scope["service"] not in answers:
            return None
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        return answers[scope["service"]](environ, body, scope["region"])

    def _lambda(self, environ: Environ, body: bytes, region: str) -> Answer | None:
        reserved = {
            function.function_name: int(function.reserved_concurrency or 0)
            for function in lambda_backends[NUMBER][region].list_functions()
        }
        if environ["PATH_INFO"].rstrip("/") == "/2016-08-19/account-settings":
            return self._settings(self.executions - self.elsewhere - sum(reserved.values()))
        found = CONCURRENCY.fullmatch(environ["PATH_INFO"])
        if not found or environ["REQUEST_METHOD"] != "PUT":
            return None
        reserved[found["name"]] = json.loads(body)["ReservedConcurrentExecutions"]
        # In an account with fewer than 100 executions the messages name the whole quota, such as [10] or [50].
        least = min(UNRESERVED_MINIMUM, self.executions)
        if self.executions - self.elsewhere - sum(reserved.values()) >= least:
            return None
        told = "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution"
        return _json_error("InvalidParameterValueException", f"{told} below its minimum value of [{least}].")

    def _settings(self, unreserved: int) -> Answer:
        if "lambda:GetAccountSettings" in self.denied:
            return _json_error("AccessDeniedException", "not authorized: lambda:GetAccountSettings", "403")
        limit = {"ConcurrentExecutions": self.executions, "UnreservedConcurrentExecutions": unreserved}
        return Answer("200 OK", json.dumps({"AccountLimit": limit, "AccountUsage": {}}))

    def _ec2(self, _environ: Environ, body: bytes, region: str) -> Answer | None:
        there = ec2_backends[NUMBER][region]
        match _form(body)["Action"]:
            case "AllocateAddress" if len(there.addresses) >= self.addresses:
                return _refused_by_ec2("AddressLimitExceeded", "The maximum number of addresses has been reached.")
            case "CreateVpc" if len(there.vpcs) >= self.vpcs:
                return _refused_by_ec2("VpcLimitExceeded", "The maximum number of VPCs has been reached.")
        return None

    def _quotas(self, _environ: Environ, body: bytes, _region: str) -> Answer | None:
        if "servicequotas:GetServiceQuota" in self.denied:
            return _json_error("AccessDeniedException", "not authorized: servicequotas:GetServiceQuota")
        values = {"L-0263D0A3": self.addresses, "L-F678F1CE": self.vpcs}
        asked = json.loads(body)
        return Answer("200 OK", json.dumps({"Quota": {**asked, "Value": float(values[asked["QuotaCode"]])}}))

    def _iam(self, _environ: Environ, body: bytes, _region: str) -> Answer | None:
        form = _form(body)
        if form["Action"] == "ListRoles" and form.get("PathPrefix") == "/aws-service-role/":
            return Answer(
                "200 OK",
                LISTED_ROLES.format("".join(f"<member>{_role(name)}</member>" for name in self.linked_roles)),
            )
        if form["Action"] != "CreateServiceLinkedRole":
            return None
        if "iam:CreateServiceLinkedRole" in self.denied:
            return _refused_by_iam("403 Forbidden", "AccessDenied", "not authorized: iam:CreateServiceLinkedRole")
        name = LINKED_ROLES[form["AWSServiceName"]]
        if name in self.linked_roles:
            told = f"Service role name {name} has been taken in this account, please try a different suffix."
            return _refused_by_iam("400 Bad Request", "InvalidInput", told)
        self.linked_roles.append(name)
        return Answer("200 OK", CREATED_ROLE.format(_role(name)))


def _role(name: str) -> str:
    (service,) = (service for service, role in LINKED_ROLES.items() if role == name)
    return ROLE.format(name, service)


def _form(body: bytes) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(body.decode()).items()}


def _json_error(code: str, message: str, status: str = "400") -> Answer:
    return Answer(f"{status} Refused", json.dumps({"__type": code, "message": message}), code)


def _refused_by_ec2(code: str, message: str) -> Answer:
    return Answer("400 Bad Request", XML_OF_EC2.format(code=code, message=message))


def _refused_by_iam(status: str, code: str, message: str) -> Answer:
    return Answer(status, XML_OF_IAM.format(code=code, message=message))
