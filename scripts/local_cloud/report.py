"""Text for people: the table of saved files, the state of the servers."""

from collections.abc import Sequence
from pathlib import Path

from common.generation import Finished, SavedFile
from common.tables import Row, table
from local_cloud.processes import Server, is_alive
from local_cloud.servers import TITLES, answers


def files_table(jobs: Sequence[Finished], start: Path) -> list[str]:
    """List all saved files, their paths relative to `start` where they are below it."""
    head = ("file", "kind", "bytes", "size", "seconds", "check")
    return table([head, *(_file_row(file, start) for job in jobs for file in job.files)])


def servers_table(servers: dict[str, Server]) -> list[str]:
    """List the servers, with what runs and what has stopped."""
    rows = [
        (TITLES[name], str(server.pid), _state(server), _without_password(server.url))
        for name, server in servers.items()
    ]
    return table([("server", "pid", "state", "address"), *rows])


def _file_row(file: SavedFile, start: Path) -> Row:
    path = file.path.relative_to(start) if file.path.is_relative_to(start) else file.path
    width, height = (file.media.width, file.media.height) if file.media else (None, None)
    seconds = file.media.seconds if file.media else None
    return (
        str(path),
        file.kind,
        f"{file.size_bytes:,}",
        f"{width}x{height}" if width else "",
        f"{seconds:.1f}" if seconds is not None else "",
        file.problem or "ok",
    )


def _state(server: Server) -> str:
    if is_alive(server):
        return "running"
    return "replaced" if answers(server) else "stopped"


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
