"""Name of the artifact bucket of an environment, which `make upload` asks for before it builds anything."""

import os
import sys
from collections.abc import Mapping

from common.loopback import bypass_proxy
from common.program import finish
from deploy.account import sign_in


def bucket(name: str, environ: Mapping[str, str]) -> str:
    """Return ARTIFACT_BUCKET if it is set, else the bucket that `make bootstrap` made in the account at hand."""
    return environ.get("ARTIFACT_BUCKET") or f"vsl-{name}-artifacts-{sign_in('us-east-1').number}"


def main() -> int:
    """Print the name."""
    print(bucket(sys.argv[1], os.environ))
    return 0


if __name__ == "__main__":
    bypass_proxy(os.environ)
    sys.exit(finish("upload", main))
