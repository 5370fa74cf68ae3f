"""Sessions that the RDS Proxy double pins during a job's life; each pinned session keeps a connection for itself."""

from integration.flows.world import World
from integration.proxied import Endpoint
from mediagen.jobs.state import Status


def test_functions_pin_their_sessions_by_named_statements_and_by_nothing_else(
    world: World, rds_proxy: Endpoint
) -> None:
    """Each statement is prepared once per connection; settings, locks and temporary tables would be new causes."""
    report = rds_proxy.report
    pinned, sessions = report.pinned.copy(), report.sessions
    job_id = world.accepted()
    assert world.settled(job_id).status is Status.COMPLETED
    world.status(job_id)
    world.check()
    reasons = report.pinned - pinned
    assert set(reasons) == {"named prepared statements"}
    assert reasons.total() <= report.sessions - sessions
