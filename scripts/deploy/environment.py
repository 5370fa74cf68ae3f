"""An environment: a pair of files in terraform/environments, and the values that commands read from them."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lark.exceptions import LarkError

import terraform_source
from common.problems import SetupProblem

FOLDER = Path("terraform/environments")
# The emulator's prefix, the only one that is refused for a real account.
LOCAL_PREFIX = "vsl-local"
# Variable of the bootstrap's roles -> the attribute of the .tfvars that holds its value.
INNER = {
    "replica_region": "replica_region",
    "existing_vpc_id": "vpc_id",
    "hosted_zone_id": "zone_id",
    "permissions_boundary_arn": "arn",
}


@dataclass(frozen=True)
class Environment:
    """Values of the two files.

    `backend_bucket` is empty where it follows from prefix and account; `bootstrap` are variables of that root.
    """

    name: str
    prefix: str
    region: str
    disposable: bool
    architecture: str
    own_database: bool
    own_cache: bool
    backend_key: str
    backend_region: str
    backend_bucket: str
    bootstrap: dict[str, str]

    @property
    def values(self) -> Path:
        """The .tfvars file, from the root of the repository."""
        return FOLDER / f"{self.name}.tfvars"

    @property
    def backend(self) -> Path:
        """The .s3.tfbackend file, from the root of the repository."""
        return FOLDER / f"{self.name}.s3.tfbackend"

    def state_bucket(self, account: str) -> str:
        """Name the bucket of the state, as the bootstrap does."""
        return self.backend_bucket or f"{self.prefix}-state-{account}"

    def artifact_bucket(self, account: str) -> str:
        """Name the bucket of the zips, as the bootstrap does."""
        return f"{self.prefix}-artifacts-{account}"

    @property
    def parameters_without_password(self) -> list[str]:
        """Parameters with the URL of a store created here, which holds no password."""
        database = [] if self.own_database else ["database-url", "owner-database-url"]
        return database if self.own_cache else [*database, "redis-url"]

    def disagreements(self) -> Iterator[str]:
        """Yield where the two files disagree, because one environment could then overwrite another's state."""
        if not self.prefix or not self.region:
            yield f"{self.values} must give a prefix and a region, each as text on a line of its own"
            return
        key = f"{self.prefix}/terraform.tfstate"
        if self.backend_key != key:
            yield (
                f'{self.values} says prefix "{self.prefix}", but {self.backend} has the key "{self.backend_key}": '
                f'one of them is wrong (the key of {self.prefix} is "{key}")'
            )
        if self.backend_region != self.region:
            yield (
                f'{self.values} says region "{self.region}", but {self.backend} says "{self.backend_region}": '
                "one of them is wrong"
            )

    def misspelt(self, root: Path) -> Iterator[str]:
        """List the names in the .tfvars that Terraform would ignore silently."""
        variables = terraform_source.read_folder(root / "terraform")
        with suppress(LarkError, terraform_source.NotLiteral):  # Terraform reports syntax errors of these files better
            values = terraform_source.parse((root / self.values).read_text(), str(self.values))
            for told in terraform_source.misspelt(values, variables):
                yield f"{self.values}: {told}"


def names(root: Path) -> list[str]:
    """List the environments that have files."""
    return sorted(path.stem for path in (root / FOLDER).glob("*.tfvars"))


def load(root: Path, name: str, command: str = "plan") -> Environment:
    """Read an environment's files. Raises SetupProblem with the known names if this one is unknown."""
    known = ", ".join(names(root))
    if not name:
        raise SetupProblem(f"ENV is missing: for example make {command} ENV=homolog (there are {known})")
    if name not in names(root):
        raise SetupProblem(f"there is no environment {name}: choose one of {known}, or add {FOLDER / name}.tfvars")
    backend_file = root / FOLDER / f"{name}.s3.tfbackend"
    if not backend_file.exists():
        raise SetupProblem(
            f"{backend_file.relative_to(root)} is missing: copy the file of another environment and change its key"
        )
    values = re.sub(r"(^|\s)(#|//).*$", "", (root / FOLDER / f"{name}.tfvars").read_text(), flags=re.MULTILINE)
    backend = backend_file.read_text()
    return Environment(
        name=name,
        prefix=_text(values, "prefix"),
        region=_text(values, "region"),
        disposable=_is(values, "disposable", "true"),
        architecture=_text(values, "architecture"),
        own_database=_is(values, "database", "null"),
        own_cache=_is(values, "cache", "null"),
        backend_key=_text(backend, "key"),
        backend_region=_text(backend, "region"),
        backend_bucket=_text(backend, "bucket"),
        bootstrap={variable: text for variable, inner in INNER.items() if (text := _text(values, inner, inside=True))},
    )


def _text(source: str, name: str, *, inside: bool = False) -> str:
    """Read a value at the beginning of a line, or (`inside`) in the middle of an object."""
    found = re.search(rf'{r"\b" if inside else "^"}{name}[ \t]*=[ \t]*"([^"]*)"', source, re.MULTILINE)
    return found[1] if found else ""


def _is(source: str, name: str, value: str) -> bool:
    return bool(re.search(rf"^{name}[ \t]*=[ \t]*{value}\b", source, re.MULTILINE))
