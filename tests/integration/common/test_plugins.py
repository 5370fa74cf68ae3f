"""Without access to the registry, the provider is found elsewhere."""

from pathlib import Path

from common.plugins import PROVIDER, find_mirror


def test_a_mirror_named_by_variable_comes_first(tmp_path: Path) -> None:
    named, other = tmp_path / "named", tmp_path / "opt" / "plugins"
    for place in (named, other):
        (place / PROVIDER).mkdir(parents=True)
    assert find_mirror({"TF_PLUGIN_DIR": str(named)}, root=tmp_path) == named
    assert find_mirror({"TF_PLUGIN_DIR": str(tmp_path / "empty")}, root=tmp_path) == other


def test_a_mirror_is_found_in_the_home_folder(tmp_path: Path) -> None:
    place = tmp_path / ".terraform.d" / "plugins"
    (place / PROVIDER).mkdir(parents=True)
    assert find_mirror({"HOME": str(tmp_path)}, root=tmp_path / "nothing") == place


def test_without_a_mirror_there_is_none(tmp_path: Path) -> None:
    assert find_mirror({"HOME": str(tmp_path)}, root=tmp_path) is None
