"""The last chapters of the page: assumptions, and prices with their sources."""

from typing import Any

from cost.markdown import exactly, table
from cost.tables import Source, explained, prices
from cost.usage import Kind

TITLES = {
    "client": "What clients do",
    "generation": "A generation",
    "idle": "A month without traffic",
    "metrics": "Metrics in use",
}


def assumed(kinds: list[Kind]) -> str:
    """Show every assumption."""
    groups = [f"### {title}\n\n{_group(explained()[section])}" for section, title in TITLES.items()]
    return "\n".join(["## What is assumed\n", _media(kinds), _functions(), *groups])


def _media(kinds: list[Kind]) -> str:
    heads = ("media", "share", "polls of the status", "process_webhook", "files, the original first")
    body = (
        (
            kind.name,
            f"{kind.share:.0%}",
            str(kind.polls),
            f"{exactly(kind.process_seconds)} s",
            " + ".join(map(exactly, kind.files_mb)) + " MB",
        )
        for kind in kinds
    )
    return table(heads, body)


def _functions() -> str:
    functions = explained()["functions"]
    body = ((f"`{name}`", _seconds(told), f"{exactly(told['log_bytes'])} bytes") for name, told in functions.items())
    memory = "Memory is that of [functions.tf](../terraform/functions.tf)."
    note = f"{memory} The time includes cold starts, the log includes Lambda's own lines."
    return f"### Invocations\n\n{note}\n\n{table(('function', 'time', 'log'), body)}"


def _seconds(told: dict[str, float]) -> str:
    return f"{exactly(told['seconds'])} s" if "seconds" in told else "by media"


def _group(group: dict[str, Any]) -> str:
    body = ((name.replace("_", " "), exactly(told["is"]), told["why"]) for name, told in group.items())
    return table(("", "is", "why"), body)


def priced() -> str:
    """Show every price with its source."""
    table_of_prices = prices()
    units = ((price.per, exactly(price.usd), price.source) for price in table_of_prices.single.values())
    databases = (
        (name, exactly(each["single_az"]), exactly(each["multi_az"]), exactly(each["vcpu"]))
        for name, each in table_of_prices.database.sizes.items()
    )
    nodes = (
        (name, exactly(each["valkey"]), exactly(each["redis"])) for name, each in table_of_prices.cache.sizes.items()
    )
    return "\n".join(
        [
            "## Prices\n",
            "\n".join(f"* `{name}`: {_said(source)}" for name, source in table_of_prices.sources.items()) + "\n",
            table(("one", "dollars", "source"), units),
            f"### Database\n\nAn hour of RDS for PostgreSQL (`{table_of_prices.database.source}`).\n",
            table(("class", "in one zone", "with a standby", "vCPU"), databases, numbers=3),
            f"### Cache\n\nAn hour of a node (`{table_of_prices.cache.source}`).\n",
            table(("node", "Valkey", "Redis"), nodes, numbers=2),
        ]
    )


def _said(source: Source) -> str:
    return f"{source.what}." if source.verified else f"**not verified**: {source.what}."
