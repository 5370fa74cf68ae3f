"""Terraform's roots and modules keep the rules of tflint's terraform ruleset; each rule finds a planted offender."""

import pytest

from contract.terraform_rules import RULES, Folder
from terraform_docs import TERRAFORM, folders
from terraform_source import parse, read_folder

GOOD = {
    "main.tf": """
        locals { full_name = "${var.prefix}-x" }
        resource "aws_s3_bucket" "this" {
          bucket = local.full_name # why
          tags   = length(var.prefix) == 0 ? {} : { a = lookup({}, "a", 1), b = split("-", data.aws_region.this.id)[0] }
        }
        data "aws_region" "this" {}
        module "near" { source = "./modules/near" }
        module "far" {
          source  = "terraform-aws-modules/vpc/aws"
          version = "6.0.0"
        }
        """,
    "variables.tf": 'variable "prefix" {\n  description = "Name"\n  type = string\n}\n',
    "outputs.tf": 'output "name" {\n  description = "Name"\n  value = aws_s3_bucket.this.bucket\n}\n',
    "versions.tf": """
        terraform {
          required_version = ">= 1.11.0"
          required_providers { aws = { source = "hashicorp/aws", version = ">= 5.100.0" } }
        }
        """.replace("{ aws = {", "{\n aws = {"),
}
# A variable named only in a comment, or in its own declaration, is unused.
UNUSED = """\
variable "a" {
  description = "A"
  type        = string # not var.a
  validation { condition = var.a != "" }
}"""
UNPINNED = """\
terraform {
  required_providers {
    x = { source = "y/x" }
  }
}"""
SECRET = 'resource "aws_secretsmanager_secret" "x" {\n  name = "${var.prefix}/webhook-secret"\n}'
# Offenders for each rule: the file to add (or to remove, if the text is None), and the expected offender.
BAD = {
    "variables_have_a_type": ("variables_more.tf", 'variable "a" { description = "A" }', "a"),
    "variables_are_documented": ("variables_more.tf", 'variable "a" { type = string }', "a"),
    "outputs_are_documented": ("outputs_more.tf", 'output "a" { description = " " }', "a"),
    "variables_are_used": ("variables_more.tf", UNUSED, "a"),
    "locals_are_used": ("more.tf", "locals {\n a = local.a_b\n a_b = 1\n}", "a"),
    "data_sources_are_used": ("more.tf", 'data "aws_region" "this_one" {}', "aws_region.this_one"),
    "names_are_snake_case": ("more.tf", 'module "nearBy" { source = "./near" }', "nearBy"),
    "terraform_has_a_version": ("versions.tf", None, "required_version is missing"),
    "providers_have_a_source_and_a_version": ("versions_more.tf", UNPINNED, "x without version"),
    "used_providers_are_required_and_required_ones_used": ("more.tf", 'resource "null_resource" "x" {}', "null"),
    "modules_are_pinned": ("more.tf", 'module "m" { source = "git::https://example.com/m" }', "m"),
    "standard_files_are_there": ("outputs.tf", None, "outputs.tf"),
    "blocks_are_in_the_file_named_after_them": ("more.tf", 'output "a" {}', "output"),
    "strings_do_more_than_hold_one_reference": ("more.tf", 'locals { b = ["x-${var.a}", "${var.a}"] }', ""),
    "comments_begin_with_a_hash": ("more.tf", "locals {} // no", "// no"),
    "lists_are_not_compared_with_an_empty_one": ("more.tf", "locals { b = var.a == [] }", ""),
    "elements_are_taken_by_brackets": ("more.tf", "locals { b = var.a.0 }", ""),
    "lookups_have_a_default": ("more.tf", 'locals { b = lookup(var.a, "b") }', ""),
    "secrets_are_not_named_like_an_arn": ("more.tf", SECRET, "aws_secretsmanager_secret.x"),
    "keys_of_an_object_differ": ("more.tf", 'locals { b = { "a" = 1, c = 2, a = 3 } }', ""),
}


def folder_of(files: dict[str, str]) -> Folder:
    return Folder(tuple(parse(text, name) for name, text in files.items()))


@pytest.fixture(scope="module")
def terraform() -> dict[str, Folder]:
    """Both roots and every module, by path."""
    found = {path: tuple(read_folder(path)) for path in folders()}
    return {
        str(path.relative_to(TERRAFORM.parent)): Folder(files, is_module=path.parent.name == "modules")
        for path, files in found.items()
    }


@pytest.mark.parametrize("name", RULES)
def test_roots_and_modules_keep_the_rule(name: str, terraform: dict[str, Folder]) -> None:
    assert len(terraform) > 10
    assert [f"{path}/{offender}" for path, folder in terraform.items() for offender in RULES[name](folder)] == []


@pytest.mark.parametrize("name", RULES)
def test_the_rule_finds_its_offender_and_nothing_else(name: str) -> None:
    assert list(RULES[name](folder_of(GOOD))) == []
    file, text, offender = BAD[name]
    if text is None:
        files = {other: content for other, content in GOOD.items() if other != file}
        assert list(RULES[name](folder_of(files))) == [offender]
    else:
        (found,) = RULES[name](folder_of({**GOOD, file: text}))
        assert found in (offender, f"{file}:1 {offender}".rstrip())


def test_every_rule_has_an_example_that_breaks_it() -> None:
    assert BAD.keys() == RULES.keys()
