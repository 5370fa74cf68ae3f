"""Run mutation tests on the critical modules and write docs/mutation.md: `make mutation`.

Exit code 0 only if each part has 85 % of its mutants killed and every survivor is explained in survivors.toml.
"""

import argparse
import hashlib
import json
import sys
import time
from dataclasses import asdict
from itertools import batched

from common.paths import ROOT
from mutation.judging import NotJudged, survive, warm
from mutation.modules import TARGETS, Target
from mutation.mutants import mutants
from mutation.page import PAGE, explanations, problems, write
from mutation.results import Result, Survivor, load, save

END = "\r" if sys.stdout.isatty() else "\n"


def main() -> int:
    """Run the mutants of all modules or one; return the exit code for the results of all modules."""
    parser = argparse.ArgumentParser(prog="mutation", description=__doc__)
    parser.add_argument("module", nargs="?", help="only this one, for example mediagen.replicate.webhook_signatures")
    parser.add_argument("--survivors", action="store_true", help="only those that survived, after tests were added")
    parser.add_argument("--jobs", type=int, default=1, help="mutants at once")
    given = parser.parse_args()
    targets = [target for target in TARGETS if given.module in (None, target.module)]
    if not targets:
        parser.error(f"no such module: {given.module}")
    warm()
    results = load()
    for target in targets:
        result = _mutate(target, given.jobs, results.get(target.module) if given.survivors else None)
        results = load() | {target.module: result}
        save(results)
    if not all(target.module in results for target in TARGETS):
        print(json.dumps([asdict(one) for one in results[targets[-1].module].survivors], indent=1))
        return 0
    PAGE.write_text(write(results, explanations(), PAGE.read_text()))
    found = problems(results, explanations())
    print("\n".join([*found, f"written: {PAGE.relative_to(ROOT)}"]), file=sys.stderr if found else sys.stdout)
    return 1 if found else 0


def _mutate(target: Target, jobs: int, before: Result | None) -> Result:
    """Test all mutants of a module; with an earlier result of the same source, only its survivors."""
    code, tests = target.path.read_text(), [str(ROOT / "tests" / test) for test in target.tests]
    source = hashlib.sha256(code.encode()).hexdigest()
    before = before if before and before.source == source else None
    began = time.monotonic()
    if survive(target.module, target.path, [code], tests) != [True]:
        raise NotJudged(f"the tests of {target.module} fail without any mutant")
    found, survivors, judged = list(mutants(code)), list[Survivor](), 0
    open_ones = [one for one in found if before is None or Survivor(one.was, one.becomes) in before.survivors]
    for some in batched(open_ones, jobs, strict=False):
        verdicts = survive(target.module, target.path, [one.source for one in some], tests)
        survivors += [Survivor(one.was, one.becomes) for one, survives in zip(some, verdicts, strict=True) if survives]
        judged += len(some)
        print(f"{target.module}: {judged} of {len(open_ones)}, {len(survivors)} survive", end=END, flush=True)
    seconds = before.seconds if before else round(time.monotonic() - began)
    print(f"{target.module}: {len(found)} mutants, {len(survivors)} survive, {seconds} s", flush=True)
    return Result(source, len(found), tuple(survivors), seconds)


if __name__ == "__main__":
    sys.exit(main())
