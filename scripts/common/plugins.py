"""Find a local copy of Terraform's AWS provider, for use when the registry is unreachable.

A filesystem mirror is a folder with `<registry>/hashicorp/aws/…` in it (see `terraform providers mirror`).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

PROVIDER = "registry.terraform.io/hashicorp/aws"
# Terraform's own places first, then where administrators put such things, one folder deep.
USER_PLACES = (".terraform.d/plugins", ".terraform.d/plugin-cache", ".local/share/terraform/plugins")
SYSTEM_PLACES = (
    "/usr/local/share/terraform/*",
    "/usr/share/terraform/*",
    "/var/lib/terraform/*",
    "/usr/local/lib/*",
    "/usr/lib/terraform*",
    "/opt",
    "/opt/*",
    "/opt/*/*",
    "/srv/*",
)


def find_mirror(environ: Mapping[str, str], root: Path = Path("/")) -> Path | None:
    """Return the folder for `-plugin-dir`: TF_PLUGIN_DIR, else the first that contains the provider."""
    return next((place for place in _places(environ, root) if (place / PROVIDER).is_dir()), None)


def _places(environ: Mapping[str, str], root: Path) -> Iterator[Path]:
    for variable in ("TF_PLUGIN_DIR", "TF_PLUGIN_CACHE_DIR"):
        if environ.get(variable):
            yield Path(environ[variable]).absolute()
    home = Path(environ.get("HOME", "/"))
    yield from (home / place for place in USER_PLACES)
    for pattern in SYSTEM_PLACES:
        yield from sorted(root.glob(pattern.lstrip("/")))
