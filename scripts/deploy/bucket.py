"""Name of an environment's artifact bucket; `make upload` needs it before it builds."""

import os
import sys
from collections.abc import Mapping

from common.loopback import bypass_proxy
from common.program import finish
from deploy.account import sign_in


def bucket(name: str, environ: Mapping[str, str]) -> str:
    """Return ARTIFACT_BUCKET if it is set, else the bucket that `make bootstrap` created in the current account."""
    return environ.get("ARTIFACT_BUCKET") or f"vsl-{name}-artifacts-{sign_in('us-east-1').number}"


def main() -> int:
    """Print the name."""
    print(bucket(sys.argv[1], os.environ))
    return 0


if __name__ == "__main__":
    bypass_proxy(os.environ)
    sys.exit(finish("upload", main))
