locals {
  sid_name = join("", [for word in split("-", var.name) : title(word)])

  # Explicit: without a key the provider keeps the previous one, even while that is being deleted.
  key_id = coalesce(var.platform.key_arn, "alias/aws/ssm")

  # AWS changes a parameter only as a whole, and the provider sends the value only if this number changes; otherwise it sends an empty value, which AWS
  # rejects. So the number is a hash of everything that can change. Seven hexadecimal digits fit into the provider's integer.
  version = parseint(substr(sha256(jsonencode([var.value_version, var.description, local.key_id])), 0, 7), 16)
}

resource "aws_ssm_parameter" "this" {
  name             = "/${var.platform.prefix}/${var.name}"
  description      = var.description
  type             = "SecureString"
  key_id           = local.key_id
  value_wo         = var.value
  value_wo_version = local.version
}
