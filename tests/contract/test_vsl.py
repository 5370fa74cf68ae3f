"""The exit codes, commands and options of `vsl` match its --help and its guide."""

import re
import subprocess
from pathlib import Path

import pytest

from vsl.arguments import COMMANDS, parser
from vsl.exits import Exit
from vsl.help_texts import EXAMPLES

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/vsl.md").read_text()


def test_every_exit_code_is_in_the_help() -> None:
    shown = parser().format_help()
    assert all(f"  {int(code):<4} {code.meaning}\n" in shown for code in Exit)


def test_every_exit_code_is_in_the_guide() -> None:
    assert re.findall(r"^\| (\d+) \| (.*) \|$", GUIDE, re.MULTILINE) == [
        (str(int(code)), code.meaning) for code in Exit
    ]


def test_the_guide_names_every_command() -> None:
    assert set(re.findall(r"`vsl ([a-z]+)", GUIDE)) | set(re.findall(r"^vsl ([a-z]+)", GUIDE, re.MULTILINE)) == set(
        COMMANDS
    )


def test_the_readmes_commands_are_in_the_guide() -> None:
    shown = re.findall(r"^vsl .*$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert shown and set(shown) <= set(re.findall(r"^vsl .*$", GUIDE, re.MULTILINE))


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_json_and_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([name, "--help"])
    shown = capsys.readouterr().out
    assert ended.value.code == 0
    assert "--json" in shown
    assert "key as an argument" not in shown and "--api-key" not in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_every_example_can_be_read(name: str) -> None:
    examples = re.findall(rf"^\s*(?:echo .* \| )?vsl ({name} [^|\n]*)", EXAMPLES.get(name, ""), re.MULTILINE)
    for example in [*examples, *re.findall(rf"^  vsl ({name} .*)$", parser().format_help(), re.MULTILINE)]:
        words = subprocess.run(["sh", "-c", f"printf '%s\\n' {example}"], capture_output=True, text=True, check=True)
        assert parser().parse_args(words.stdout.splitlines())


def test_the_client_needs_nothing_of_the_platform() -> None:
    """The client starts fast and could be copied elsewhere: it needs only the standard library and urllib3."""
    script = "import sys, vsl.__main__; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run(
        [ROOT / ".venv/bin/python", "-P", "-c", script],
        env={"PYTHONPATH": str(ROOT / "scripts")},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert {"vsl", "common", "urllib3"} <= set(loaded)
    assert not {"boto3", "botocore", "imageio_ffmpeg", "mediagen", "psutil", "deploy", "local_cloud"} & set(loaded)
