"""Measure a local cloud of its own: `make bench`. Exit code 0 only if webhooks are acknowledged in time."""

import signal
import sys
from types import FrameType

from bench.acknowledging import HEADINGS, Bench, Measured
from common.problems import SetupProblem
from common.progress import Progress
from common.tables import table
from local_cloud.cloud import LocalCloud
from local_cloud.packages import ROOT


def main() -> int:
    """Start a cloud, measure, stop it; its logs stay in build/bench."""
    signal.signal(signal.SIGTERM, _interrupt)
    progress = Progress(sys.stdout)
    cloud = LocalCloud(ROOT / "build" / "bench", mode="simulator", progress=progress)
    try:
        return _told(Bench(cloud, cloud.up(), progress).measure())
    except SetupProblem as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 130
    finally:
        cloud.down()


def _told(measured: Measured) -> int:
    rows = [HEADINGS, measured.idle.row("idle"), measured.saturated.row("process_webhook saturated")]
    print("\n".join(["", *table(rows), ""]))
    print(f"Saturated, an acknowledgement takes {measured.ratio:.1f} times as long (median).")
    return 0 if measured.is_good else 1


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """Let SIGTERM (a cancelled CI job) clean up as Ctrl-C does."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
