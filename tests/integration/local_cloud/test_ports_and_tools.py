"""A taken port or a missing tool gives one line with the remedy."""

import socket
from pathlib import Path

import pytest

from common.problems import SetupProblem
from common.terraform import check_terraform
from local_cloud import checks, packages, ports, replicate
from packages.files import PLATFORMS


def test_each_server_gets_a_port_of_its_own() -> None:
    chosen = ports.choose_ports(["a", "b", "c", "d"], {})
    assert len(set(chosen.values())) == 4
    assert all(ports.is_free(port) for port in chosen.values())


def test_a_port_can_be_chosen_by_variable() -> None:
    port = ports.free_port()
    assert ports.choose_ports(["redis"], {"VSL_REDIS_PORT": str(port)}) == {"redis": port}


def test_a_taken_port_is_named_with_its_variable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SetupProblem, match=f"port {port} is in use: .* set VSL_REDIS_PORT to a free port"):
            ports.choose_ports(["redis"], {"VSL_REDIS_PORT": str(port)})


@pytest.mark.parametrize("value", ["http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(SetupProblem, match=r"VSL_REDIS_PORT=.* is not a port"):
        ports.choose_ports(["redis"], {"VSL_REDIS_PORT": value})


def test_a_missing_redis_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SetupProblem, match="redis-server is missing: sudo apt-get install redis-server"):
        checks.check_redis()


def test_a_missing_terraform_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SetupProblem, match=r"terraform is missing: install version 1\.11 or newer from https://"):
        check_terraform()


def test_an_old_terraform_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "terraform"
    program.write_text("""#!/bin/sh\necho 'Warning: odd settings'\necho '{"terraform_version": "1.9.8"}'\n""")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupProblem, match=r"terraform 1\.11 or newer is needed, this is 1\.9\.8"):
        check_terraform()


@pytest.mark.parametrize("version", [(3, 12, 9), (3, 14, 0)])
def test_another_python_is_refused(version: tuple[int, ...]) -> None:
    with pytest.raises(SetupProblem, match=r"Python 3\.13 is needed"):
        checks.check_python(version)


def test_the_tools_of_this_machine_will_do() -> None:
    assert checks.check_tools().startswith("Python 3.13")


@pytest.mark.parametrize("folder", [".", "not-made-yet/state"])
def test_a_disk_that_is_nearly_full_is_named_before_anything_starts(folder: str, tmp_path: Path) -> None:
    checks.check_space(tmp_path / folder, free=lambda _: 500_000_000)
    with pytest.raises(SetupProblem, match=f"{tmp_path}.*: the disk has 499 MB left, .* needs 500 MB: free some space"):
        checks.check_space(tmp_path / folder, free=lambda _: 499_999_999)


def test_the_real_replicate_needs_a_token() -> None:
    with pytest.raises(SetupProblem, match="REPLICATE=live needs REPLICATE_API_TOKEN"):
        replicate.live_token({"REPLICATE_API_TOKEN": " "})


@pytest.mark.parametrize(
    ("machine", "name"), [("x86_64", "x86_64"), ("AMD64", "x86_64"), ("aarch64", "arm64"), ("arm64", "arm64")]
)
def test_a_machine_is_named_as_lambda_names_it(machine: str, name: str) -> None:
    assert packages.architecture(machine) == name


@pytest.mark.parametrize(
    ("system", "machine", "platform"),
    [
        ("Linux", "x86_64", "x86_64"),
        ("Linux", "aarch64", "arm64"),
        ("Darwin", "x86_64", "macos-x86_64"),
        ("Darwin", "arm64", "macos-arm64"),
    ],
)
def test_on_macos_the_functions_have_an_ffmpeg_of_macos(system: str, machine: str, platform: str) -> None:
    assert packages.layer_platform(system, machine) == platform
    assert platform in PLATFORMS


@pytest.mark.parametrize(("system", "machine"), [("Linux", "riscv64"), ("Windows", "AMD64")])
def test_a_machine_without_an_ffmpeg_layer_is_refused(system: str, machine: str) -> None:
    with pytest.raises(SetupProblem, match=r"riscv64|Windows"):
        packages.layer_platform(system, machine)
