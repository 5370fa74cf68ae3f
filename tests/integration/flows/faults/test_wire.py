"""Nothing of ours goes out by a way that the faults do not know."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[4]
OURS = ("layers/shared/python/mediagen", "lambdas")
WAYS_OUT = {"asyncio", "boto3", "botocore", "ftplib", "http.client", "httpx", "multiprocessing", "pg8000", "redis"}
WAYS_OUT |= {"requests", "smtplib", "socket", "subprocess", "urllib.request", "urllib3"}

# Each file that can go out, and the seam of `wire` that it passes.
SEAMS = {
    "mediagen/outbound/addresses.py": "names are looked up before `exchange`",
    "mediagen/aws/transport.py": "HTTPConnectionPool.urlopen",
    "mediagen/cache/cache.py": "Redis.execute_command",
    "mediagen/cache/connection.py": "Redis.execute_command, which opens it",
    "mediagen/cache/login.py": "Redis.execute_command, which logs in",
    "mediagen/records/database.py": "connect, PreparedStatement.run",
    "mediagen/media/download.py": "exchange",
    "mediagen/media/ffmpeg.py": "subprocess.Popen",
    "mediagen/outbound/http_exchange.py": "exchange",
    "mediagen/replicate/client.py": "HTTPConnectionPool.urlopen",
    "deliver_callback/sending.py": "exchange",
    "apply_migrations/limits.py": "none: a deployer waits for the migrations and repeats them",
}


def imported(source: str) -> Iterator[str]:
    """List what a module imports, also inside of functions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)


def goes_out(source: str) -> bool:
    return any(name == way or name.startswith(f"{way}.") for name in imported(source) for way in WAYS_OUT)


def test_every_file_that_goes_out_passes_a_seam() -> None:
    found = {
        f"{path.parent.relative_to(ROOT / folder.rpartition('/')[0])}/{path.name}".removeprefix("lambdas/")
        for folder in OURS
        for path in (ROOT / folder).rglob("*.py")
        if goes_out(path.read_text())
    }
    assert found == SEAMS.keys()
