"""The session credentials that the AWS emulator issued: one JSON object a line."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rds_proxy.tokens import Secret

FILE = "sessions.jsonl"


def note(path: Path, access_key: str, session: dict[str, Any]) -> None:
    """Append the credentials of a role's session; only the file's owner may read it."""
    line = json.dumps({"key": access_key, "secret": session["SecretAccessKey"], "token": session["SessionToken"]})
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as file:
        file.write(line + "\n")


@dataclass
class Sessions:
    """Finds credentials in the file, which grows."""

    path: Path
    _known: dict[str, Secret] = field(default_factory=dict)
    _read: int = 0

    def find(self, access_key: str) -> Secret | None:
        """Return the credentials of an access key; the account's own keys are not in the file."""
        if access_key not in self._known and self.path.exists():
            with self.path.open("rb") as file:
                file.seek(self._read)
                for line in file:
                    if line.endswith(b"\n"):
                        self._read += len(line)
                        entry = json.loads(line)
                        self._known[entry["key"]] = Secret(entry["secret"], entry["token"])
        return self._known.get(access_key)
