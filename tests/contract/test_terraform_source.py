"""The reader of Terraform: arguments as source text, literals as values, defaults of attributes."""

from pathlib import Path

import pytest

from terraform_source import NotLiteral, completed, literal, misspelt, parse, read_folder

TERRAFORM = Path(__file__).parents[2] / "terraform"

TEXT = """
# how it looks
size = {
  cidr     = "10.0.0.0/16" # why
  "zones"  = 2
  share    = 0.5
  none     = null
  on       = true
  names    = ["a\\n", "\\"b\\" $${x}", "\\\\n"]
}
text = <<-EOT
  two
    lines
EOT
sum = var.a + 1
mix = "a${var.b}"
key = { (var.k) = 1 }

resource "aws_x" "this" {
  name = local.name
  nested {
    deep = 1
  }
}
"""
TYPE = """
type = object({
  cidr  = optional(string, "10.0.0.0/16")
  proxy = optional(bool)
  queue = optional(object({ most = optional(number, 5) }), {})
  by    = map(object({ least = optional(number, 1) }))
})
"""


def test_blocks_keep_their_labels_lines_and_blocks_inside() -> None:
    (resource,) = parse(TEXT, "x.tf").inside("resource")
    assert (resource.labels, resource.where) == (("aws_x", "this"), "x.tf:19")
    assert resource.arguments["name"].text == "local.name"
    (nested,) = resource.inside("nested")
    assert literal(nested.arguments["deep"].tree) == 1


def test_literals_have_terraforms_values() -> None:
    arguments = parse(TEXT, "x.tf").arguments
    assert literal(arguments["size"].tree) == {
        "cidr": "10.0.0.0/16", "zones": 2, "share": 0.5, "none": None, "on": True, "names": ["a\n", '"b" ${x}', "\\n"],
    }  # fmt: skip
    assert literal(arguments["text"].tree) == "two\n  lines\n"


@pytest.mark.parametrize("name", ["sum", "mix", "key"])
def test_expressions_that_only_terraform_can_evaluate_are_refused(name: str) -> None:
    with pytest.raises(NotLiteral):
        literal(parse(TEXT, "x.tf").arguments[name].tree)


def test_attributes_get_the_defaults_of_their_type() -> None:
    kind = parse(TYPE, "x.tf").arguments["type"].tree
    assert completed({"by": {"a": {}, "b": {"least": 2}}, "cidr": "10.1.0.0/16"}, kind) == {
        "cidr": "10.1.0.0/16", "proxy": None, "queue": {"most": 5}, "by": {"a": {"least": 1}, "b": {"least": 2}},
    }  # fmt: skip
    assert completed(None, kind) is None


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ("netwrok = {}", "there is no variable netwrok"),
        ("database = { multiaz = true }", "database has no multiaz, only"),
        ("network = { existing = { vpc = 1 } }", "network.existing has no vpc, only"),
        ("functions = { queue_concurrency = { webhook = 1 } }", "functions.queue_concurrency has no webhook, only"),
        ("api = { domain = { name = 1, zone = 2 } }", "api.domain has no zone, only"),
    ],
)
def test_values_that_terraform_would_drop_silently_are_found(values: str, told: str) -> None:
    [found] = misspelt(parse(values, "values.tfvars"), read_folder(TERRAFORM))
    assert found.startswith(told)


def test_no_environment_sets_an_undeclared_value() -> None:
    for path in sorted(TERRAFORM.glob("environments/*.tfvars")):
        assert list(misspelt(parse(path.read_text(), path.name), read_folder(TERRAFORM))) == [], path.name
