"""Write docs/cost.md."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from cost import basis, idle, usage
from cost.markdown import Row, table
from cost.sizes import Sizes
from cost.switches import SWITCHES, difference
from cost.tables import UnknownPrice, prices
from cost.usage import Kind

INTRODUCTION = """\
# What it costs

US dollars, on demand, in {region}, with prices of {date}. Written by `make costs` from
[the price table](../scripts/cost/prices.toml), [the assumptions](../scripts/cost/assumptions.toml) and the
[environments](../terraform/environments): a changed size changes this page.

**These are estimates.** The prices are quotations of AWS's price lists by others, not from AWS itself; the last chapter
names the source of each. The traffic is assumed. Check a number in the
[AWS Pricing Calculator](https://calculator.aws) before you rely on it.

* Not included: free tiers, taxes, support, savings plans and reserved capacity.
* Not included because they cost cents: the two buckets of the bootstrap, the zips, /tmp beyond 512 MB, data through
  interface endpoints, growth of the database, queries on logs.
* Free: Parameter Store, security groups, gateway endpoints (S3 and DynamoDB without NAT), certificates, the schedule,
  seven days of Performance Insights, and encryption with AWS's own keys.
"""


@dataclass(frozen=True)
class Page:
    """Subject of the page: environments by name, and the kinds of media."""

    environments: dict[str, Sizes]
    kinds: list[Kind]

    def write(self) -> str:
        """Write the whole page. Raises UnknownPrice."""
        for name, sizes in self.environments.items():
            if sizes.values["region"] != prices().region:
                raise UnknownPrice(f"{name} is in {sizes.values['region']}, the price table is for {prices().region}")
        chapters = [self.in_short(), self.what_there_is(), self.idle_month(), self.switches(), self.generations()]
        introduction = INTRODUCTION.format(region=prices().region, date=prices().date)
        return "\n".join([introduction, *chapters, self.by_kind(), basis.assumed(self.kinds), basis.priced()])

    def in_short(self) -> str:
        rows: list[tuple[str, Callable[[Sizes], float]]] = [
            ("A month without traffic", idle.idle_total),
            ("Its metrics in a month of use, at most", lambda _: usage.metrics(self.kinds)),
            ("1,000 generations", self._of_the_mix(usage.usage_total)),
            ("Their files, the first month", self._of_the_mix(usage.kept_at_first)),
            ("Their files, each later month", self._of_the_mix(usage.kept_later)),
            ("Paid to Replicate for them", self._of_the_mix(lambda _, kind: 1000 * kind.replicate_usd)),
        ]
        mix = ", ".join(f"{kind.share:.0%} {kind.name}" for kind in self.kinds)
        body: list[Row] = [[name, *self._each(usd)] for name, usd in rows]
        sums = table(("", *self.environments), body, numbers=len(self.environments))
        return f"## In short\n\nThe generations are a mix: {mix}.\n\n{sums}"

    def what_there_is(self) -> str:
        """Compare the environments' sizes."""
        rows: list[tuple[str, Callable[[Sizes], str]]] = [
            ("Network", _network),
            ("Interface endpoints, in all zones", lambda sizes: str(sizes.endpoint_zones)),
            ("Database", _database),
            ("Cache", _cache),
            (
                "Job table",
                lambda sizes: "on demand" if sizes.values["job_table"]["capacity"] is None else "provisioned",
            ),
            ("Copy of the media", lambda sizes: sizes.values["media_bucket"]["replica_region"] or "no"),
            ("Customer keys", lambda sizes: str(sizes.customer_keys)),
            ("Traces", lambda sizes: "yes" if sizes.values["functions"]["tracing"] else "no"),
            ("Logs are kept", lambda sizes: f"{sizes.values['logs']['retention_days']} days"),
        ]
        body = ((name, *(told(sizes) for sizes in self.environments.values())) for name, told in rows)
        return f"## What each environment has\n\n{table(('', *self.environments), body)}"

    def idle_month(self) -> str:
        """Give the bill of a month without traffic."""
        rows: list[Row] = [[item.resource, item.why, *self._each(item.usd)] for item in idle.ITEMS]
        rows.append(["**Total**", "", *self._each(idle.idle_total)])
        heads = ("resource", "purpose", *self.environments)
        bill = table(heads, rows, numbers=len(self.environments))
        return f"## A month without traffic\n\n{bill}"

    def switches(self) -> str:
        """Price single changes."""
        changes = ((switch, difference(switch, self.environments["staging"])) for switch in SWITCHES)
        body = ((f"`{switch.text}`", switch.gives, f"{usd:+.2f}") for switch, usd in changes if usd is not None)
        costs = table(("option", "effect", "a month"), body, numbers=1)
        return f"## What each option costs\n\nEach option alone, in staging, in a month without traffic:\n\n{costs}"

    def generations(self) -> str:
        """Give the bill of 1,000 generations of the mix."""
        rows: list[Row] = [[item.resource, item.why, *self._each(self._of_the_mix(item.usd))] for item in usage.ITEMS]
        rows.append(["**Total**", "", *self._each(self._of_the_mix(usage.usage_total))])
        heads = ("resource", "purpose", *self.environments)
        bill = table(heads, rows, numbers=len(self.environments), digits=3)
        note = "This is the mix above. Database and cache have spare capacity, so they add no cost."
        return f"## 1,000 generations\n\n{note}\n\n{bill}"

    def by_kind(self) -> str:
        """Give the sums of 1,000 generations of each kind, and what Replicate takes."""
        heads = ("1,000 generations of", *self.environments, "paid to Replicate")
        body: list[Row] = [
            [kind.name, *self._each(partial(usage.usage_total, kind=kind)), 1000 * kind.replicate_usd]
            for kind in self.kinds
        ]
        replicate = (
            "Replicate bills its part separately; the price is that of the first model in the catalogue (`models`)."
        )
        return f"### By kind of media\n\n{replicate}\n\n{table(heads, body, numbers=len(heads) - 1, digits=3)}"

    def _each(self, usd: Callable[[Sizes], float]) -> list[float]:
        return [usd(sizes) for sizes in self.environments.values()]

    def _of_the_mix(self, usd: Callable[[Sizes, Kind], float]) -> Callable[[Sizes], float]:
        return lambda sizes: sum(kind.share * usd(sizes, kind) for kind in self.kinds)


def _network(sizes: Sizes) -> str:
    made = sizes.own_network
    return "existing, or none" if made is None else f"{made['zones']} zones, {sizes.nat_gateways} NAT"


def _database(sizes: Sizes) -> str:
    made = sizes.values["database"]
    if made is None:
        return "existing"
    extras = [name for name, wanted in (("standby", made["multi_az"]), ("proxy", made["proxy"])) if wanted]
    return ", ".join([made["instance_class"], f"{made['storage_gb']} GB", *extras])


def _cache(sizes: Sizes) -> str:
    made = sizes.values["cache"]
    return "existing" if made is None else f"{made['engine']}, {1 + made['replicas']} of {made['node_type']}"
