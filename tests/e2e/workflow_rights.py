"""The rights of the workflow role that applies, held against what Terraform was recorded to send."""

from pathlib import Path

from aws_requests.reading import read_all
from aws_requests.recording import read
from contract.rendered_policies import BOOTSTRAP, rendered
from iam_policies.deploying import missing, needed, unexplained
from iam_policies.policies import roles


def faults_of_apply(recording: Path) -> list[str]:
    """List rights that Terraform needed and apply lacks, then those that apply has for no reason."""
    role = roles(rendered(BOOTSTRAP))["vsl-test-apply"]
    granted = {action for statement in role.statements if statement.effect == "Allow" for action in statement.actions}
    used = needed(read_all(read(recording)).requests)
    return [f"missing: {action}" for action in missing(used, granted)] + unexplained(used, granted)
