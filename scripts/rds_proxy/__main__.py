"""Run the double as a server of its own: python -m rds_proxy SETTINGS.json

The file has `listen`, `host`, `port`, `passwords` by role, `certificate`, `region` and `sessions` (sessions.py).
Each pinned session and each refusal is printed on one line.
"""

import asyncio
import json
import socket
import sys
from pathlib import Path

from rds_proxy.server import HOST, Report, Settings, serve
from rds_proxy.sessions import Sessions
from rds_proxy.tokens import Verifier


def main(arguments: list[str]) -> None:
    """Serve until the process is stopped."""
    [path] = arguments
    given = json.loads(Path(path).read_text())
    settings = Settings(given["host"], given["port"], given["passwords"], Path(given["certificate"]))
    verifier = Verifier(HOST, given["listen"], given["region"], Sessions(Path(given["sessions"])).find)
    with socket.create_server((HOST, given["listen"]), backlog=200) as listening:
        asyncio.run(serve(listening, settings, verifier, Report(), _print))


def _print(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
