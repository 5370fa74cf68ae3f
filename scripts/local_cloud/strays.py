"""Servers that are in no state file, because they were started by hand or the file is damaged."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from common.sessions import Session
from local_cloud import emulator, postgres

STOP_SIGNALS = {"emulator": emulator.STOP_SIGNAL, "postgres": postgres.STOP_SIGNAL}


@dataclass(frozen=True)
class Stray:
    """A server that works in the folder `name`; `scratch` is the folder of its data, if that lies elsewhere."""

    name: str
    session: Session
    scratch: Path | None


def find_strays(folders: Mapping[str, Path]) -> Iterator[Stray]:
    """Find processes that listen on a port and work in one of the folders."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if _listens(process) and (name := _name(process, folders)):
                started = process.create_time()
                session = Session(process.pid, started)
                session = replace(session, stop_signal=STOP_SIGNALS.get(name, session.stop_signal))
                yield Stray(name, session, _scratch(process))


def _listens(process: psutil.Process) -> bool:
    """Return whether a process is a server; an editor or `tail` of a server's log is not."""
    return any(each.status == psutil.CONN_LISTEN for each in process.net_connections("inet"))


def _scratch(process: psutil.Process) -> Path | None:
    """Return the folder that postgres.py made outside the state directory; PostgreSQL works in its folder `data`."""
    folder = Path(process.cwd()).parent
    return folder if folder.name.startswith(postgres.SCRATCH_PREFIX) else None


def _name(process: psutil.Process, folders: Mapping[str, Path]) -> str:
    used = {process.cwd(), *process.cmdline(), *(file.path for file in process.open_files())}
    paths = [Path(each) for each in used if each.startswith("/")]
    for name, folder in folders.items():
        if any(path.is_relative_to(place) for path in paths for place in (folder, folder.resolve())):
            return name
    return ""
