"""Reading Terraform: arguments as they are written, literals as Terraform understands them, defaults of attributes."""

import pytest

from terraform_source import NotLiteral, completed, literal, parse

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


def test_literals_are_what_terraform_understands() -> None:
    arguments = parse(TEXT, "x.tf").arguments
    assert literal(arguments["size"].tree) == {
        "cidr": "10.0.0.0/16", "zones": 2, "share": 0.5, "none": None, "on": True, "names": ["a\n", '"b" ${x}', "\\n"],
    }  # fmt: skip
    assert literal(arguments["text"].tree) == "two\n  lines\n"


@pytest.mark.parametrize("name", ["sum", "mix", "key"])
def test_what_only_terraform_can_evaluate_is_refused(name: str) -> None:
    with pytest.raises(NotLiteral):
        literal(parse(TEXT, "x.tf").arguments[name].tree)


def test_attributes_get_the_defaults_of_their_type() -> None:
    kind = parse(TYPE, "x.tf").arguments["type"].tree
    assert completed({"by": {"a": {}, "b": {"least": 2}}, "cidr": "10.1.0.0/16"}, kind) == {
        "cidr": "10.1.0.0/16", "proxy": None, "queue": {"most": 5}, "by": {"a": {"least": 1}, "b": {"least": 2}},
    }  # fmt: skip
    assert completed(None, kind) is None
