locals {
  sid_name = join("", [for word in split("-", var.name) : title(word)])
}

resource "aws_ssm_parameter" "this" {
  name             = "/${var.prefix}/${var.name}"
  description      = var.description
  type             = "SecureString"
  value_wo         = var.value
  value_wo_version = var.value_version
}
