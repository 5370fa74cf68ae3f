"""Fuzz the API of a local cloud of its own: `make fuzz`. Exit code 0 only if nothing was found."""

import argparse
import secrets
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from common.problems import SetupProblem
from common.progress import Progress
from fuzz.running import Run, fuzz, make_users
from local_cloud.cloud import LocalCloud
from local_cloud.packages import ROOT


def main() -> int:
    """Start a cloud, fuzz it, stop it; its logs stay in build/fuzz."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--examples", type=int, default=300, help="of each operation")
    parser.add_argument("--seed", type=int, default=None, help="of an earlier run, to repeat it")
    parser.add_argument("--phases", default=None, help="examples, coverage, fuzzing, stateful: only these phases")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    run = Run(given.examples, secrets.randbelow(1_000_000) if given.seed is None else given.seed, given.phases)
    cloud = LocalCloud(ROOT / "build" / "fuzz", progress=Progress(sys.stdout))
    try:
        return _fuzz(cloud, run)
    except SetupProblem as problem:
        print(f"fuzz: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("fuzz: interrupted", file=sys.stderr)
        return 130
    finally:
        cloud.down()


def _fuzz(cloud: LocalCloud, run: Run) -> int:
    environment = cloud.up()
    with TemporaryDirectory() as folder:
        users = make_users(cloud.deployer(environment), Path(folder))
        print(f"To repeat this run: make fuzz SEED={run.seed} EXAMPLES={run.examples}", flush=True)
        code, _ = fuzz(environment, users, run)
    return code


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """Let SIGTERM (a cancelled CI job) clean up as Ctrl-C does."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
