"""One run: load, then a fault and a calm in turn; at the end wait for all jobs and compare the stores."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pg8000.exceptions import DatabaseError, InterfaceError

from chaos.evidence import Evidence, Stores
from chaos.faults import DELETING, Fault
from chaos.hours import FastHours
from chaos.ledger import Ledger
from chaos.listening import callbacks_to
from chaos.load import Load
from chaos.report import Phase
from chaos.verdict import Finding, judge
from common.deployer import Deployer
from local_cloud.cloud import LocalCloud
from mediagen.times import utc_now

WIDE = {"ratePerHour": 1_000_000, "concurrentJobs": 1_000_000, "monthlyBudget": 999_999}
CALM = "nothing broken"
LONGEST_CALM_SECONDS = 240.0
# Redis drops a status after five minutes, so it holds no outdated one after that.
LONGEST_END_SECONDS = 420.0
LOOK_SECONDS = 0.5
WARM_JOBS = 10


@dataclass(frozen=True)
class Run:
    """How much load, from which seed, and how long each fault."""

    faults: Sequence[Fault]
    rate: float
    seconds: float
    seed: int


@dataclass(frozen=True)
class Outcome:
    """The result of a run."""

    phases: Sequence[Phase]
    ledger: Ledger
    evidence: Evidence
    findings: Sequence[Finding]


def run_chaos(cloud: LocalCloud, run: Run) -> Outcome:
    """Inject every fault in turn, under load."""
    environment = cloud.environment()
    deployer = cloud.deployer(environment)
    user_id, key = _user(deployer)
    ledger = Ledger()
    origin = environment.callback_origin
    with callbacks_to(origin) as told, FastHours(environment.url("postgres"), deployer):
        stores = Stores(environment, deployer.aws, user_id, told)
        load = Load(environment.api_url, key, ledger, rate=run.rate, seed=run.seed, callback_url=f"{origin}/chaos")
        phases = [Phase(CALM)]
        with ledger.during(CALM), load:
            _warm_up(cloud, ledger, stores)
            for fault in run.faults:
                with ledger.during(fault.title):
                    phases.append(_phase(cloud, fault, run, ledger, stores))
            with cloud.progress.step("The clients' last answers"):
                load.end()
        evidence, findings = _settled(cloud, ledger, stores, phases)
    return Outcome(phases, ledger, evidence, findings)


def _user(deployer: Deployer) -> tuple[str, str]:
    user_id, key = deployer.create_user_and_key("chaos")
    deployer.manage_access("set-limits", userId=user_id, **WIDE)
    return user_id, key


def _warm_up(cloud: LocalCloud, ledger: Ledger, stores: Stores) -> None:
    """Wait until some jobs are final, because the first call of every function takes seconds."""
    with cloud.progress.step("Load alone") as step:

        def ended() -> bool:
            step.detail = _count(ledger)
            return stores.ended() >= WARM_JOBS

        _until(ended, LONGEST_CALM_SECONDS)


def _phase(cloud: LocalCloud, fault: Fault, run: Run, ledger: Ledger, stores: Stores) -> Phase:
    started, began = time.monotonic(), utc_now()
    with cloud.progress.step(fault.title):
        fault.act(cloud, run.seconds)
    ended, moment = time.monotonic(), utc_now()
    with cloud.progress.step("Calm") as step:

        def quiet() -> bool:
            step.detail = _count(ledger)
            return stores.unfinished(moment) == 0

        def recovered() -> bool:
            step.detail = _count(ledger)
            return ledger.accepted_since(ended) is not None and step.seconds >= run.seconds

        # Of what was accepted while it lasted, and of what waited for it.
        all_ended = _until(quiet, LONGEST_CALM_SECONDS)
        _until(recovered, LONGEST_CALM_SECONDS)
        again = ledger.accepted_since(ended)
    return Phase(fault.title, ended - started, again and again - ended, all_ended, began)


def _settled(
    cloud: LocalCloud, ledger: Ledger, stores: Stores, phases: Sequence[Phase]
) -> tuple[Evidence, list[Finding]]:
    """Wait until every promise is kept, or for a limited time; return the last findings."""
    deleted_since = next((phase.began for phase in phases if phase.title == DELETING), None)
    looks: list[tuple[Evidence, list[Finding]]] = []
    with cloud.progress.step("All jobs final, all stores in agreement") as step:

        def all_kept() -> bool:
            evidence = stores.read()
            looks.append((evidence, judge(ledger.offers(), evidence, deleted_since=deleted_since)))
            step.detail = f"{len(looks[-1][1])} differences" if looks[-1][1] else "all agree"
            return not looks[-1][1]

        _until(all_kept, LONGEST_END_SECONDS)
    return looks[-1]


def _until(true: Callable[[], bool], seconds: float) -> float | None:
    """Poll a condition; return the seconds it took, or None after the deadline."""
    started = time.monotonic()
    while (passed := time.monotonic() - started) < seconds:
        with suppress(DatabaseError, InterfaceError, OSError):
            if true():
                return passed
        time.sleep(LOOK_SECONDS)
    return None


def _count(ledger: Ledger) -> str:
    offers = ledger.offers(ledger.phase)
    return f"{len(offers)} offered, {sum(bool(offer.job_ids) for offer in offers)} accepted"
