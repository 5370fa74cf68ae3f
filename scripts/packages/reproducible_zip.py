"""Zips and bytecode that depend on the sources alone: no date, mode, path or file order of the machine."""

import stat
import subprocess
import sys
import zipfile
from collections.abc import Container
from pathlib import Path

EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first date a zip can hold
UNIX = 3


def write_zip(folder: Path, target: Path, *, programs: Container[str] = (), level: int = 9) -> None:
    """Zip a folder's files; those named in `programs` are executable."""
    target.parent.mkdir(parents=True, exist_ok=True)
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.create_system = UNIX
            entry.external_attr = (stat.S_IFREG | (0o755 if name in programs else 0o644)) << 16
            archive.writestr(entry, (folder / name).read_bytes(), zipfile.ZIP_DEFLATED, level)


def compile_bytecode(folder: Path, shown_as: str, *, beside: bool = False) -> None:
    """Add .pyc files that are valid whatever the date of their source; tracebacks show paths below `shown_as`.

    Lambda's file system is read-only, and without .pyc files the same imports take four times as long.
    With `beside`, they lie next to the source instead of in __pycache__, and work without the source.
    """
    # A new interpreter each time, because earlier compilations can change the bytes of later ones.
    command = [sys.executable, "-I", "-S", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    options = ["-b"] if beside else []
    subprocess.run([*command, *options, "-s", str(folder), "-p", shown_as, str(folder)], check=True)
