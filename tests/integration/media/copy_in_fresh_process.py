"""Copy one file in a process of its own and print its size and the growth of the peak memory, in bytes."""

import re
import sys
from pathlib import Path

from mediagen.media.download import Source, download
from mediagen.outbound.addresses import HostRules


def peak_bytes() -> int:
    """Return the peak of this program alone; getrusage also includes the parent's peak before the fork."""
    match = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert match is not None
    return int(match[1]) * 1024


def main(origin: str, url: str, path: str) -> None:
    source = Source(HostRules.parse([origin]))
    idle = peak_bytes()
    copied = download(url, Path(path), source=source, limit_bytes=500_000_000, seconds_left=lambda: 120.0)
    print(copied.bytes, peak_bytes() - idle)


if __name__ == "__main__":
    main(*sys.argv[1:])
