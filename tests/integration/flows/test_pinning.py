"""Which sessions RDS Proxy pins while a job goes all the way, by its double: each keeps a connection for itself."""

from integration.flows.world import World
from integration.proxied import Endpoint
from mediagen.jobs.state import Status


def test_functions_pin_their_sessions_by_named_statements_and_by_nothing_else(
    world: World, rds_proxy: Endpoint
) -> None:
    """They prepare each statement once a connection; settings, locks and temporary tables would be new reasons."""
    report = rds_proxy.report
    pinned, sessions = report.pinned.copy(), report.sessions
    job_id = world.accepted()
    assert world.settled(job_id).status is Status.COMPLETED
    world.status(job_id)
    world.check()
    reasons = report.pinned - pinned
    assert set(reasons) == {"named prepared statements"}
    assert reasons.total() <= report.sessions - sessions
