"""docs/cost.md is current, computed from the environments' real sizes, and plausible."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from cost import idle, usage
from cost.__main__ import PAGE, wanted
from cost.page import Page
from cost.sizes import ENVIRONMENTS, TERRAFORM, Sizes, sizes, sizes_of
from cost.switches import SWITCHES, difference
from cost.tables import Prices, UnknownPrice, assumptions, explained, prices
from terraform_source import parse

STAGING = (TERRAFORM / "environments" / "staging.tfvars").read_text()
EVERYTHING = """
network      = { zones = 3, redundant = true }
database     = { instance_class = "db.m7g.large", storage_gb = 100, multi_az = true, proxy = true }
cache        = { engine = "redis", node_type = "cache.t4g.small", replicas = 1 }
job_table    = { capacity = { read = { min = 2, max = 10 }, write = { min = 1, max = 10 } } }
media_bucket = { replica_region = "us-west-2" }
functions    = { snap_start = true, tracing = true }
customer_key = true
architecture = "x86_64"
"""


def environment(text: str) -> Sizes:
    return sizes_of(parse(f'prefix = "vsl-x"\nregion = "us-east-1"\n{text}', "x.tfvars"))


@pytest.fixture(scope="module")
def environments() -> dict[str, Sizes]:
    return {name: sizes(name) for name in ENVIRONMENTS}


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == wanted(), "make costs"


def test_idle_dev_is_the_cheapest_and_prod_the_dearest(environments: dict[str, Sizes]) -> None:
    months = {name: idle.idle_total(found) for name, found in environments.items()}
    assert min(months, key=lambda name: months[name]) == "dev"
    assert max(months, key=lambda name: months[name]) == "prod"
    assert len(set(months.values())) == len(months)


def test_a_changed_size_changes_the_page(environments: dict[str, Sizes]) -> None:
    kinds = usage.kinds(environments["prod"].values["models"])
    changed = sizes_of(parse(f"{STAGING}\ncustomer_key = true\n", "staging.tfvars"))
    assert Page(environments, kinds).write() != Page({**environments, "staging": changed}, kinds).write()


def test_the_numbers_are_those_a_person_would_work_out() -> None:
    small = environment('database = { instance_class = "db.t4g.small" }')
    assert idle.nat_gateways(small) == pytest.approx(730 * (0.045 + 0.005))
    assert idle.endpoints(small) == pytest.approx(2 * 730 * 0.01)
    assert idle.database_instance(small) == pytest.approx(730 * 0.032)
    large = environment(EVERYTHING)
    assert idle.nat_gateways(large) == pytest.approx(3 * 730 * (0.045 + 0.005))
    assert idle.endpoints(large) == pytest.approx(3 * 2 * 730 * 0.01)
    assert idle.database_instance(large) == pytest.approx(730 * 0.337)
    assert idle.database_storage(large) == pytest.approx(100 * 0.23)
    assert idle.database_proxy(large) == pytest.approx(2 * 730 * 0.015)
    assert idle.cache_nodes(large) == pytest.approx(2 * 730 * 0.032)
    assert idle.job_table(large) == pytest.approx(3 * (730 * (2 * 0.00013 + 0.00065) + 8 * 0.10))
    assert idle.secrets(large) == pytest.approx(6 * 0.40)
    assert idle.customer_keys(large) == pytest.approx(2.0)


def test_existing_resources_cost_nothing_here() -> None:
    local = environment("network = null\ndatabase = null\ncache = null\n")
    for usd in (idle.nat_gateways, idle.endpoints, idle.database_instance, idle.database_storage, idle.cache_nodes):
        assert usd(local) == 0
    existing = 'existing = { vpc_id = "vpc-1", function_subnet_ids = ["subnet-1", "subnet-2"] }'
    assert idle.nat_gateways(environment(f"network = {{ {existing} }}")) == 0
    assert environment(f"network = {{ {existing}, redundant = true }}").endpoint_zones == 2 * 2


def test_alarms_and_queues_are_counted_in_the_root(environments: dict[str, Sizes]) -> None:
    dev = environments["dev"]
    assert dev.queues == 3
    assert dev.alarms >= dev.queues + len(dev.memory_gb)


def test_each_option_changes_the_cost_in_its_stated_direction() -> None:
    plain = environment("")
    differences = {switch.text: difference(switch, plain) for switch in SWITCHES}
    assert all(differences.values())
    cheaper = [text for text, usd in differences.items() if usd and usd < 0]
    assert cheaper == ["network = { endpoints = [] }"]
    assert difference(SWITCHES[-1], environment("functions = { tracing = true }")) is None
    assert difference(SWITCHES[0], environment("network = null\ndatabase = null\ncache = null")) is None


@pytest.mark.parametrize(
    "text", ['database = { instance_class = "db.x2g.large" }', 'cache = { node_type = "cache.x.huge" }']
)
def test_a_size_without_a_price_is_named(text: str) -> None:
    with pytest.raises(UnknownPrice, match=r"has no price: add it to scripts/cost/prices.toml"):
        idle.idle_total(environment(text))


def test_an_environment_elsewhere_is_refused(environments: dict[str, Sizes]) -> None:
    dev = environments["dev"]
    elsewhere = replace(dev, values={**dev.values, "region": "eu-west-1"})
    with pytest.raises(UnknownPrice, match="dev is in eu-west-1, the price table is for us-east-1"):
        Page({"dev": elsewhere}, []).write()


def test_every_price_has_a_source_and_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    table, used = prices(), set()

    def recorded(self: Prices, name: str) -> float:
        used.add(name)
        return self.single[name].usd

    monkeypatch.setattr(Prices, "__getitem__", recorded)
    for found in (environment(""), environment(EVERYTHING)):
        kinds = usage.kinds(found.values["models"])
        idle.idle_total(found)
        for kind in kinds:
            for usd in (usage.usage_total, usage.kept_at_first, usage.kept_later):
                usd(found, kind)
        usage.metrics(kinds)
    assert used == set(table.single)
    sources = {price.source for price in table.single.values()} | {table.database.source, table.cache.source}
    assert sources == set(table.sources)


def test_the_media_are_shares_of_one_whole() -> None:
    assert sum(media["share"] for media in assumptions()["media"].values()) == pytest.approx(1)


def metrics_named(why: str) -> Iterator[str]:
    return (found[0] for found in re.finditer(r"\b(?:[A-Z][a-zA-Z0-9]*[a-z0-9][A-Z]\w+|S3UploadTime|Degraded)\b", why))


def test_the_metric_series_match_those_of_the_functions() -> None:
    sources = [
        *TERRAFORM.parent.glob("lambdas/*/*.py"),
        *TERRAFORM.parent.glob("layers/shared/python/mediagen/**/*.py"),
    ]
    written = {name for path in sources for name in re.findall(r'Metric\(\s*"(\w+)"', path.read_text())}
    told = explained()
    for entry in (told["idle"]["metric_series"], told["metrics"]["per_model"], told["metrics"]["others"]):
        names = set(metrics_named(entry["why"]))
        assert len(names) == entry["is"]
        assert names <= written
