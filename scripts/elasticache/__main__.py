"""Run the double as a server of its own: python -m elasticache SETTINGS.json

The file has `listen`, `port` (of the Redis behind it), `user`, `password`, `certificate`, `region` and `sessions`
(rds_proxy/sessions.py). Why a token is refused is printed, one line each.
"""

import asyncio
import json
import sys
from pathlib import Path

from elasticache.front import Backend, Front, listen
from elasticache.tokens import Key, Verifier
from local_cloud.ports import HOST
from rds_proxy.sessions import Sessions


def main(arguments: list[str]) -> None:
    """Serve until the process is stopped."""
    [path] = arguments
    given = json.loads(Path(path).read_text())
    sessions = Sessions(Path(given["sessions"]))

    def find(access_key: str) -> Key | None:
        found = sessions.find(access_key)
        return Key(found.secret_key, found.session_token or "") if found else None

    backend = Backend(HOST, given["port"], given["user"], given["password"])
    front = Front(backend, Verifier(given["user"], given["region"], find), tell=lambda text: print(text, flush=True))
    asyncio.run(_serve(front, given["certificate"], given["listen"]))


async def _serve(front: Front, certificate: str, port: int) -> None:
    server = await listen(front, certificate, port)
    await server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
