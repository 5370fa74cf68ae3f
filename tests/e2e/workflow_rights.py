"""Compare the rights of the workflow's apply role with the requests that Terraform sent."""

from pathlib import Path

from aws_requests.reading import read_all
from aws_requests.recording import read
from contract.rendered_policies import BOOTSTRAP, rendered
from iam_policies.deploying import missing, needed, unexplained
from iam_policies.policies import roles


def faults_of_apply(recording: Path) -> list[str]:
    """List the rights that Terraform needed and the apply role lacks, then those that the apply role never used."""
    role = roles(rendered(BOOTSTRAP))["vsl-test-apply"]
    granted = {action for statement in role.statements if statement.effect == "Allow" for action in statement.actions}
    used = needed(read_all(read(recording)).requests)
    return [f"missing: {action}" for action in missing(used, granted)] + unexplained(used, granted)
