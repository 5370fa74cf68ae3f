locals {
  sid_name = join("", [for word in split("-", var.name) : title(word)])

  # Written out: without a key the provider keeps the last one, though it is being deleted.
  key_id = coalesce(var.key_arn, "alias/aws/ssm")

  # AWS changes a parameter only as a whole, and the provider passes the value on only when this number changes; else it writes an empty one, which AWS refuses.
  # So the number stands for all that can change. Seven hexadecimal digits fit the provider's integer.
  version = parseint(substr(sha256(jsonencode([var.value_version, var.description, local.key_id])), 0, 7), 16)
}

resource "aws_ssm_parameter" "this" {
  name             = "/${var.prefix}/${var.name}"
  description      = var.description
  type             = "SecureString"
  key_id           = local.key_id
  value_wo         = var.value
  value_wo_version = local.version
}
