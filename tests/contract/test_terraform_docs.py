"""The READMEs of Terraform's roots and modules list the inputs and outputs of the source."""

from pathlib import Path

import pytest

from terraform_docs import BEGIN, END, TERRAFORM, current, folders
from terraform_source import Block, parse, read_folder

VARIABLES = """
variable "name" {
  description = "Of <prefix> | `<x>`"
  type        = string
}

variable "size" {
  description = <<-EOT
    Two
    lines.
  EOT
  type = object({
    cidr = optional(string, "a|b") # why
  })
  default = {}
}

variable "models" {
  description = "Long."
  type        = any
  default = {
    a = 1
  }
}
"""
OUTPUT = 'output "arn" {\n  description = "The ARN."\n  value = 1\n}\n'
TABLES = r"""
## Inputs

| name | type | default | description |
| --- | --- | --- | --- |
| `name` | `string` | required | Of &lt;prefix&gt; \| `<x>` |
| `size` | <pre>object({<br>  cidr = optional(string, "a\|b") # why<br>})</pre> | `{}` | Two lines. |
| `models` | `any` | see [variables.tf](variables.tf) | Long. |

## Outputs

| name | description |
| --- | --- |
| `arn` | The ARN. |

"""


@pytest.fixture
def files() -> list[Block]:
    return [parse(VARIABLES, "variables.tf"), parse(OUTPUT, "outputs.tf")]


@pytest.mark.parametrize("folder", folders(), ids=lambda path: path.name)
def test_the_tables_of_a_readme_are_current(folder: Path) -> None:
    readme = (folder / "README.md").read_text()
    assert readme == current(readme, read_folder(folder)), f"{folder.relative_to(TERRAFORM.parent)}: make docs"


def test_the_tables_go_to_the_end_of_a_readme_without_markers(files: list[Block]) -> None:
    assert current("# queue\n\nOne.\n\n", files) == f"# queue\n\nOne.\n\n{BEGIN}\n{TABLES}{END}\n"


def test_text_around_the_markers_stays(files: list[Block]) -> None:
    assert current(f"# queue\n{BEGIN}\nold\n{END}\nafter\n", files) == f"# queue\n{BEGIN}\n{TABLES}{END}\nafter\n"


def test_a_changed_description_makes_a_readme_stale(files: list[Block]) -> None:
    readme = current("# queue", files)
    assert current(readme, files) == readme
    assert current(readme, [files[0], parse(OUTPUT.replace("ARN.", "arn."), "outputs.tf")]) != readme
