locals {
  sid_name = join("", [for word in split("-", var.name) : title(word)])
}

# Made empty: the value never passes through Terraform.
resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57:Replicate issues both values and has no call for new ones that a rotation could make
  name                    = "${var.prefix}/${var.name}"
  description             = var.description
  kms_key_id              = var.key_arn
  recovery_window_in_days = var.disposable ? 0 : 7
}
