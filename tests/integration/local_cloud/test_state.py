"""The state file keeps what later commands need, readable by its owner only."""

import json
import stat
from pathlib import Path

from local_cloud import state
from local_cloud.processes import Server
from local_cloud.state import Environment
from local_cloud.values import terraform_variables


def environment(*names: str) -> Environment:
    servers = {name: Server(name, f"http://127.0.0.1:{number}", number, 1.5) for number, name in enumerate(names, 1)}
    return Environment("simulator", servers=servers, api_key="vsl_local_key", outputs={"api_url": "http://x/"})


def test_what_is_saved_is_loaded_again(tmp_path: Path) -> None:
    saved = environment("emulator", "redis")
    state.save(tmp_path / "new", saved)
    assert state.load(tmp_path / "new") == saved
    assert saved.api_url == "http://x"


def test_the_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    state.save(tmp_path, environment("emulator"))
    assert stat.S_IMODE((tmp_path / state.FILE).stat().st_mode) == 0o600


def test_there_is_nothing_after_forgetting(tmp_path: Path) -> None:
    state.save(tmp_path, environment())
    state.forget(tmp_path)
    state.forget(tmp_path)
    assert state.load(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_with_a_simulator_its_origin_is_the_only_host_for_outputs() -> None:
    values = terraform_variables(environment("postgres", "redis", "simulator", "rds_proxy", "elasticache"))
    origin = "http://127.0.0.1:3"
    assert json.loads(values["replicate"]) == {"base_url": f"{origin}/v1", "output_hosts": [origin]}


def test_without_one_replicate_itself_is_called_and_its_hosts_are_the_modules_own() -> None:
    values = terraform_variables(environment("postgres", "redis", "rds_proxy", "elasticache"))
    assert json.loads(values["replicate"]) == {"base_url": "https://api.replicate.com/v1"}


def test_the_functions_log_in_at_the_proxy_and_the_migrations_at_the_instance() -> None:
    proxy = "postgresql://vsl_app@127.0.0.1:6432/postgres?iam=true&sslrootcert=/root.pem"
    url = "postgresql://vsl:password@127.0.0.1:5432/postgres?sslmode=disable"
    values = terraform_variables(
        Environment(
            "live",
            servers={
                "postgres": Server("postgres", url, 1, 1.5),
                "redis": Server("redis", "redis://127.0.0.1:1/0", 2, 1.5),
                "rds_proxy": Server("rds_proxy", proxy, 3, 1.5),
                "elasticache": Server("elasticache", "rediss://127.0.0.1:2/0?iam=true", 4, 1.5),
            },
        )
    )
    assert values["owner_database_url"] == url
    assert values["database_url"] == proxy
