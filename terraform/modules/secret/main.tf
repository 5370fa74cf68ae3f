locals {
  sid_name = join("", [for word in split("-", var.name) : title(word)])
}

# Created empty: the value never passes through Terraform.
resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57:Replicate issues both values, and its API cannot issue new ones for a rotation
  name                    = "${var.platform.prefix}/${var.name}"
  description             = var.description
  kms_key_id              = var.platform.key_arn
  recovery_window_in_days = var.platform.disposable ? 0 : 7
}
