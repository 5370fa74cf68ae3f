"""A large file passes through the worker without being held in memory."""

import re
from pathlib import Path

import psutil

from e2e.parts import AUDIO, IMAGE, Platform

LIMIT_MB = 160
FILE_MB = 200


def workers(platform: Platform) -> list[psutil.Process]:
    emulator = psutil.Process(platform.environment.servers["emulator"].pid)
    return [child for child in emulator.children() if any("process-webhook" in part for part in child.cmdline())]


def memory_mb(process: psutil.Process, name: str) -> float:
    """Read VmRSS (current) or VmHWM (peak)."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    found = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
    assert found
    return int(found[1]) / 1024


def test_copying_a_large_file_takes_little_memory(platform: Platform) -> None:
    platform.generate(IMAGE)
    idle = {process.pid: memory_mb(process, "VmRSS") for process in workers(platform)}
    assert idle
    marker = f"[[fault:output-blob megabytes={FILE_MB}]]"
    document = platform.generate(AUDIO | {"params": {"output_format": "wav"}, "prompt": marker})
    [original] = [output for output in document["outputs"] if output["kind"] == "original"]
    assert original["bytes"] >= FILE_MB * 1_000_000
    grown = [memory_mb(process, "VmHWM") - idle.get(process.pid, 0) for process in workers(platform)]
    print(f"peak above idle: {max(grown):.0f} MB")
    assert max(grown) <= LIMIT_MB
