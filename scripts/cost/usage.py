"""Price 1,000 generations of one kind of media."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cost.rates import invocation, logged, traced
from cost.sizes import Sizes
from cost.tables import assumptions, prices


@dataclass(frozen=True)
class Kind:
    """A kind of media, with the sizes that determine its cost. 1,000 generations have as many GB as one has MB."""

    name: str
    share: float
    process_seconds: float
    files_mb: tuple[float, ...]
    polls: int
    replicate_usd: float

    @property
    def gb(self) -> float:
        """All files of 1,000 generations."""
        return sum(self.files_mb)

    @property
    def fetched_gb(self) -> float:
        """GB through NAT for 1,000 generations: the originals, and the requests to Replicate."""
        return self.files_mb[0] + float(assumptions()["generation"]["nat_mb"])

    @property
    def tiered(self) -> int:
        """Number of a generation's files that are large enough for Intelligent-Tiering."""
        return sum(mb >= assumptions()["generation"]["tiering_from_mb"] for mb in self.files_mb)


@dataclass(frozen=True)
class UsageItem:
    """A line of the bill: its dollars for 1,000 generations of a kind in an environment."""

    resource: str
    why: str
    usd: Callable[[Sizes, Kind], float]


def kinds(models: Any) -> list[Kind]:
    """Read the kinds of media, with the first model of each in the catalogue."""
    return [_kind(name, media, next(iter(models[name].values()))) for name, media in assumptions()["media"].items()]


def _kind(name: str, media: Any, model: Any) -> Kind:
    polls = 1 + math.ceil(model["estimatedTime"] / assumptions()["client"]["poll_seconds"])
    return Kind(name, media["share"], media["seconds"], tuple(media["files"]), polls, model["pricing"])


def invocations(kind: Kind) -> dict[str, float]:
    """Count the invocations of each function for one generation."""
    generation = assumptions()["generation"]
    return {
        "authorize": generation["authorizations"],
        "generate_media": 1,
        "submit_job": generation["postponed"],
        "receive_webhook": generation["webhook_messages"],
        "process_webhook": generation["webhook_messages"],
        "deliver_callback": generation["callbacks"],
        "get_status": kind.polls,
    }


def functions(sizes: Sizes, kind: Kind) -> float:
    """Price time, memory and number of the invocations."""
    seconds = {name: function.get("seconds", kind.process_seconds) for name, function in _functions().items()}
    return 1000 * sum(times * invocation(sizes, name, seconds[name]) for name, times in invocations(kind).items())


def api(_: Sizes, kind: Kind) -> float:
    """Price the requests to the API."""
    return _requests(kind) * prices()["api_request_million"] / 1000


def queues(_: Sizes, __: Kind) -> float:
    """Price the messages."""
    generation = assumptions()["generation"]
    messages = generation["webhook_messages"] + generation["postponed"] + generation["callbacks"]
    return float(messages * generation["queue_requests"] * prices()["queue_request_million"] / 1000)


def job_table(sizes: Sizes, _: Kind) -> float:
    """Price writes and reads on demand; provisioned capacity is paid for whether it is used or not."""
    if sizes.values["job_table"]["capacity"] is not None:
        return 0.0
    generation = assumptions()["generation"]
    writes = generation["job_table_shows"] * generation["job_table_copies"] * prices()["job_table_write_million"]
    reads = generation["job_table_reads"] * prices()["job_table_read_million"]
    return float(generation["job_table_units"] * (writes + reads) / 1000)


def nat(sizes: Sizes, kind: Kind) -> float:
    """Price the downloads from Replicate; with one gateway, part of the data also crosses zones."""
    network = sizes.own_network
    if network is None:
        return 0.0
    elsewhere = 0 if network["redundant"] else 1 - 1 / network["zones"]
    return kind.fetched_gb * (prices()["nat_gb"] + 2 * elsewhere * prices()["between_zones_gb"])


def bucket(_: Sizes, kind: Kind) -> float:
    """Price the requests to the media bucket; what is kept there is priced by the month."""
    reads = assumptions()["client"]["downloads"] * len(kind.files_mb) * prices()["bucket_read_1000"]
    return float(reads + _stored(kind))


def copy(sizes: Sizes, kind: Kind) -> float:
    """Price the transfer to the replica's region and the requests there."""
    return sizes.replicated * (kind.gb * prices()["other_region_gb"] + _stored(kind))


def _stored(kind: Kind) -> float:
    return len(kind.files_mb) * prices()["bucket_write_1000"] + kind.tiered * prices()["bucket_transition_1000"]


def downloads(_: Sizes, kind: Kind) -> float:
    """Price the transfer to the clients."""
    return float(assumptions()["client"]["downloads"] * kind.gb * prices()["internet_out_gb"])


def secrets_and_keys(sizes: Sizes, _: Kind) -> float:
    """Price reads of secrets and uses of the customer key."""
    generation = assumptions()["generation"]
    reads = generation["secret_reads"] * prices()["secret_read_10k"]
    uses = generation["key_uses"] * prices()["key_use_10k"] if sizes.customer_keys else 0
    return float((reads + uses) / 10)


def logs(sizes: Sizes, kind: Kind) -> float:
    """Price what is logged."""
    generation = assumptions()["generation"]
    written = sum(times * _functions()[name]["log_bytes"] for name, times in invocations(kind).items())
    written += _requests(kind) * generation["access_log_bytes"]
    written += generation["flow_log_bytes"] if sizes.own_network else 0
    return logged(sizes, written * 1000 / 1e9)


def traces(sizes: Sizes, kind: Kind) -> float:
    """Price the traces of all invocations."""
    return traced(sizes, 1000 * sum(invocations(kind).values()))


def kept_at_first(sizes: Sizes, kind: Kind) -> float:
    """Price the first month in which the files of 1,000 generations are kept."""
    return _kept(sizes, kind, prices()["bucket_gb_month"])


def kept_later(sizes: Sizes, kind: Kind) -> float:
    """Price a later month, when the large files have not been read for long."""
    return _kept(sizes, kind, prices()["bucket_unread_gb_month"])


def _kept(sizes: Sizes, kind: Kind, rate: float) -> float:
    tiered = sum(mb for mb in kind.files_mb if mb >= assumptions()["generation"]["tiering_from_mb"])
    watched = kind.tiered * prices()["bucket_monitoring_1000_month"]
    month = tiered * rate + (kind.gb - tiered) * prices()["bucket_gb_month"] + watched
    return month * (2 if sizes.replicated else 1)


def metrics(kinds_of_media: list[Kind]) -> float:
    """Price our metric series in a month in which every one has a value each hour, without the idle ones."""
    told = assumptions()["metrics"]
    series = len(kinds_of_media) * (told["per_model"] + told["errors_per_model"]) + told["others"]
    return float(series * prices()["metric_month"])


def _requests(kind: Kind) -> float:
    return 1 + kind.polls + float(assumptions()["generation"]["webhook_messages"])


def _functions() -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = assumptions()["functions"]
    return found


ITEMS = (
    UsageItem("Functions", "most of it process_webhook, which copies the result and makes its derivatives", functions),
    UsageItem("HTTP API", "one request to start, one webhook, the polls of the status", api),
    UsageItem("Queues", "each webhook and callback waits in one, so that it can be retried", queues),
    UsageItem("Job table", "each state of a job, in the table and its two indexes", job_table),
    UsageItem("NAT", "the results come from Replicate's file hosts", nat),
    UsageItem("Media bucket", "files written, moved to Intelligent-Tiering, read", bucket),
    UsageItem("Copy in another region", "files sent to and written in the replica's region", copy),
    UsageItem("Data to clients", "each file once, over a signed link", downloads),
    UsageItem("Secrets and keys", "read by new containers and every five minutes; uses of a key", secrets_and_keys),
    UsageItem("Logs", "a line for each step, Lambda's own lines, the access log, the flow log", logs),
    UsageItem("Traces", "one for each invocation, if tracing is enabled", traces),
)  # fmt: skip


def usage_total(sizes: Sizes, kind: Kind) -> float:
    """Add the lines up."""
    return sum(item.usd(sizes, kind) for item in ITEMS)
