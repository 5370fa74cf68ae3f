# The most that any role of the environment may ever do. Terraform's root puts it on every role it makes, and the apply role may
# write permissions into no other role: what a deployment grants beyond this has no effect.
# A template, because the local cloud makes the same policy without this root.
locals {
  boundary_arn = coalesce(var.permissions_boundary_arn, aws_iam_policy.boundary.arn)

  # jsonencode: AWS counts characters, and blanks are some.
  boundary = jsonencode(jsondecode(templatefile("${path.module}/boundary.json.tftpl", {
    account = local.account
    prefix  = var.prefix
    region  = var.region
  })))
}

resource "aws_iam_policy" "boundary" {
  name        = "${var.prefix}-boundary"
  description = "Permissions boundary of all roles of ${var.prefix}"
  path        = "/bootstrap/" # as the workflow roles: out of the reach of apply
  policy      = local.boundary
}
