"""All servers: started in parallel, recognised later, stopped together."""

import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from common import sessions
from common.progress import Progress
from local_cloud import elasticache, emulator, postgres, processes, rds_proxy, simulator
from local_cloud.ports import choose_ports, is_free, is_open
from local_cloud.processes import Server
from local_cloud.strays import Stray, find_strays

TITLES = {
    "postgres": "PostgreSQL",
    "redis": "Redis",
    "emulator": "AWS emulator",
    "simulator": "Replicate simulator",
    "rds_proxy": "RDS Proxy (double)",
    "elasticache": "ElastiCache (double)",
}
BEFORE_STORES = ("rds_proxy", "elasticache")
# Servers that restart with their data on disk.
RESTARTS = {
    "postgres": postgres.restart,
    "redis": elasticache.restart_redis,
    "rds_proxy": rds_proxy.restart,
    "elasticache": elasticache.restart,
}


@dataclass(frozen=True)
class Servers:
    """The servers of one local cloud, each with a folder of its own below `state_dir`."""

    state_dir: Path
    environ: Mapping[str, str]
    progress: Progress

    def start(self, token: str, webhook_secret: str, remember: Callable[[Server], None]) -> None:
        """Start all side by side (no simulator without a token), then what stands before PostgreSQL and Redis.

        Each is remembered as soon as it runs.
        """
        names = [name for name in TITLES if token or name != "simulator"]
        ports = choose_ports(names, self.environ)

        def start_one(name: str, start: Callable[[], Server]) -> Server:
            with self.progress.step(TITLES[name]) as step:
                server = start()
                remember(server)
                step.detail = f"127.0.0.1:{ports[name]}"
            return server

        def start_first(name: str) -> Server:
            return start_one(name, lambda: self._start(name, ports[name], token, webhook_secret))

        first = [name for name in names if name not in BEFORE_STORES]
        with ThreadPoolExecutor(len(first)) as pool:
            started = dict(zip(first, pool.map(start_first, first), strict=True))
        start_one("rds_proxy", lambda: self._start_proxy(started["postgres"], ports["rds_proxy"]))
        start_one("elasticache", lambda: self._start_elasticache(started["redis"], ports["elasticache"]))

    def _start(self, name: str, port: int, token: str, webhook_secret: str) -> Server:
        folder = self.state_dir / name
        match name:
            case "postgres":
                return self._start_postgres(folder, port)
            case "redis":
                return elasticache.start_redis(folder, port=port)
            case "emulator":
                return emulator.start(folder, port=port, environ=self.environ)
            case _:
                return simulator.start(folder, port=port, api_token=token, webhook_secret=webhook_secret)

    def restart(self, server: Server, token: str, webhook_secret: str) -> Server:
        """Restart a killed server at its address with its data; Redis and the emulator keep none."""
        if server.name in RESTARTS:
            return RESTARTS[server.name](server, self.state_dir / server.name)
        return self._start(server.name, urlsplit(server.url).port or 0, token, webhook_secret)

    def _start_proxy(self, database: Server, port: int) -> Server:
        known = emulator.sessions(self.state_dir / "emulator")
        return rds_proxy.start(self.state_dir / "rds_proxy", owner_url=database.url, sessions=known, port=port)

    def _start_elasticache(self, redis: Server, port: int) -> Server:
        known = emulator.sessions(self.state_dir / "emulator")
        return elasticache.start(self.state_dir / "elasticache", redis_url=redis.url, sessions=known, port=port)

    @staticmethod
    def _start_postgres(folder: Path, port: int) -> Server:
        server = postgres.start(folder, port=port)
        try:
            postgres.let_application_in(server)
        except BaseException:
            postgres.stop(server)
            raise
        return server

    def stop(self, servers: Mapping[str, Server]) -> list[str]:
        """Stop all, remove their data (the logs stay), and give the titles of those that were running.

        Servers that were started by hand in the folders of these are stopped, too.
        """
        with ThreadPoolExecutor(len(TITLES)) as pool:
            stopped = dict(zip(servers, pool.map(processes.stop, servers.values()), strict=True))
            for name in pool.map(_stop_stray, find_strays({name: self.state_dir / name for name in TITLES})):
                stopped[name] = True
        for server in servers.values():
            if server.scratch:
                shutil.rmtree(server.scratch, ignore_errors=True)
            self._report_foreign(server)
        for name in TITLES:
            self._remove_data(self.state_dir / name)
        return [title for name, title in TITLES.items() if stopped.get(name)]

    def _report_foreign(self, server: Server) -> None:
        port = urlsplit(server.url).port or 0
        if not is_free(port):
            title = TITLES[server.name]
            self.progress.note(
                f"  · port {port} ({title}) is in use by a server that make up did not start: stop it yourself"
            )

    @staticmethod
    def _remove_data(folder: Path) -> None:
        for path in folder.iterdir() if folder.exists() else ():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.suffix != ".log":
                path.unlink()


def answers(server: Server) -> bool:
    """Return whether a server runs, or another server answers at its address."""
    return processes.is_alive(server) or is_open(urlsplit(server.url).port or 0)


def _stop_stray(stray: Stray) -> str:
    sessions.stop(stray.session)
    if stray.scratch:
        shutil.rmtree(stray.scratch, ignore_errors=True)
    return stray.name
