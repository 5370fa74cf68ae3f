"""Zips and bytecode that depend on nothing but the sources: no dates, modes, paths or order of the machine."""

import stat
import subprocess
import sys
import zipfile
from collections.abc import Container
from pathlib import Path

EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first date a zip can hold
UNIX = 3


def write_zip(folder: Path, target: Path, *, programs: Container[str] = (), level: int = 9) -> None:
    """Zip a folder's files; those named in `programs` may be executed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.create_system = UNIX
            entry.external_attr = (stat.S_IFREG | (0o755 if name in programs else 0o644)) << 16
            archive.writestr(entry, (folder / name).read_bytes(), zipfile.ZIP_DEFLATED, level)


def compile_bytecode(folder: Path, shown_as: str, *, beside: bool = False) -> None:
    """Add .pyc files that are valid whatever date their source has; tracebacks show it below `shown_as`.

    Lambda's file system is read-only, and without them the same imports take four times as long.
    `beside` the source, instead of in __pycache__, they work without it.
    """
    # A new interpreter each time: what is compiled before can change the bytes of what follows.
    command = [sys.executable, "-I", "-S", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    options = ["-b"] if beside else []
    subprocess.run([*command, *options, "-s", str(folder), "-p", shown_as, str(folder)], check=True)
