"""Results of the runs, kept in build/ by module, so that one module can be run again alone."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from common.paths import BUILD

RESULTS = BUILD / "mutation.json"


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that no test noticed."""

    was: str
    becomes: str


@dataclass(frozen=True, slots=True)
class Result:
    """Result of one module; `source` is the SHA-256 of its source."""

    source: str
    mutants: int
    survivors: tuple[Survivor, ...]
    seconds: int

    @property
    def killed(self) -> int:
        return self.mutants - len(self.survivors)


def load() -> dict[str, Result]:
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    return {
        module: Result(**one | {"survivors": tuple(Survivor(**survivor) for survivor in one["survivors"])})
        for module, one in kept.items()
    }


def save(results: Mapping[str, Result]) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({module: asdict(result) for module, result in results.items()}, indent=1))
