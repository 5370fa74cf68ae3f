"""Inject faults into a local cloud under load: `make chaos`. Exit code 0 only if nothing was lost or paid twice."""

import argparse
import secrets
import signal
import sys
from types import FrameType

from chaos.faults import FAULTS
from chaos.report import chaos_table
from chaos.running import Outcome, Run, run_chaos
from common.problems import SetupProblem
from common.progress import Progress
from local_cloud.cloud import LocalCloud
from local_cloud.packages import ROOT


def main() -> int:
    """Start a cloud, inject faults, compare its stores, stop it; its logs stay in build/chaos."""
    run = _run()
    signal.signal(signal.SIGTERM, _interrupt)
    cloud = LocalCloud(ROOT / "build" / "chaos", mode="simulator", progress=Progress(sys.stdout))
    try:
        cloud.up()
        try:
            return _chaos(cloud, run)
        finally:
            cloud.down()
    except SetupProblem as problem:
        print(f"chaos: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("chaos: interrupted", file=sys.stderr)
        return 130


def _chaos(cloud: LocalCloud, run: Run) -> int:
    print(f"To repeat this run: make chaos SEED={run.seed} RATE={run.rate:g} SECONDS={run.seconds:g}", flush=True)
    return _told(run_chaos(cloud, run))


def _run() -> Run:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8, help="how long each fault lasts")
    parser.add_argument("--rate", type=float, default=1, help="requests a second")
    parser.add_argument("--seed", type=int, default=None, help="seed of an earlier run, to repeat its requests")
    names = [fault.name for fault in FAULTS]
    parser.add_argument("--faults", nargs="+", choices=names, default=names, help="only these faults")
    given = parser.parse_args()
    if given.seconds <= 0 or given.rate <= 0:
        parser.error("--seconds and --rate are above 0")
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    return Run([fault for fault in FAULTS if fault.name in given.faults], given.rate, given.seconds, seed)


def _told(outcome: Outcome) -> int:
    """Print the table and every broken promise; return the exit code."""
    offers = outcome.ledger.offers()
    print("\n".join(["", *chaos_table(outcome.phases, offers, outcome.evidence.jobs, outcome.findings), ""]))
    for finding in outcome.findings:
        print(f"{finding.kind}: {finding.job_id}: {finding.told}")
    unheard = sum(not offer.job_ids for offer in offers)
    print(f"{unheard} of {len(offers)} requests were abandoned by their clients; none of them was answered 202.")
    stores = "PostgreSQL, DynamoDB, Redis, S3 and Replicate's account"
    print(f"Broken promises: {len(outcome.findings)}." if outcome.findings else f"{stores} agree.")
    return 1 if outcome.findings else 0


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """Let SIGTERM (a cancelled CI job) clean up as Ctrl-C does."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
