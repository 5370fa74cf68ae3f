"""Mutate what must never be wrong and write docs/mutation.md: `make mutation`.

Exit code 0 only if each part has 85 % of its mutants killed and every survivor is explained in survivors.toml.
"""

import argparse
import json
import sys
import time
from dataclasses import asdict

from mutation.judging import NotJudged, survives, warm
from mutation.modules import TARGETS, Target
from mutation.mutants import mutants
from mutation.page import PAGE, explanations, problems, write
from mutation.results import Result, Survivor, load, save
from package_files import ROOT

EVERY = 20  # mutants between two signs of life


def main() -> int:
    """Run, of all modules or of the one that is named, and judge what is known of all of them."""
    parser = argparse.ArgumentParser(prog="mutation", description=__doc__)
    parser.add_argument("module", nargs="?", help="only this one, for example mediagen.webhooks")
    wanted: str | None = parser.parse_args().module
    targets = [target for target in TARGETS if wanted in (None, target.module)]
    if not targets:
        parser.error(f"no such module: {wanted}")
    warm()
    results = load()
    for target in targets:
        results[target.module] = _mutate(target)
        save(results)
    if not all(target.module in results for target in TARGETS):
        print(json.dumps([asdict(one) for one in results[targets[-1].module].survivors], indent=1))
        return 0
    PAGE.write_text(write(results, explanations()))
    found = problems(results, explanations())
    print("\n".join([*found, f"written: {PAGE.relative_to(ROOT)}"]), file=sys.stderr if found else sys.stdout)
    return 1 if found else 0


def _mutate(target: Target) -> Result:
    code, tests = target.path.read_text(), [str(ROOT / "tests" / test) for test in target.tests]
    began = time.monotonic()
    if not survives(target.module, target.path, code, tests):
        raise NotJudged(f"the tests of {target.module} fail without any mutant")
    found, survivors = list(mutants(code)), []
    for number, mutant in enumerate(found, 1):
        if survives(target.module, target.path, mutant.source, tests):
            survivors.append(Survivor(mutant.was, mutant.becomes))
        if number % EVERY == 0 or number == len(found):
            print(f"{target.module}: {number} of {len(found)}, {len(survivors)} survive", flush=True)
    return Result(len(found), tuple(survivors), round(time.monotonic() - began))


if __name__ == "__main__":
    sys.exit(main())
