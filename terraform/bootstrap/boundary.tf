# Upper limit of the rights of every role of the environment. Terraform's root attaches it to every role it creates, and the apply role may change no role
# without it, so rights that a deployment grants beyond the boundary have no effect.
# A template, because the local cloud creates the same policy without this root.
locals {
  boundary_arn = coalesce(var.permissions_boundary_arn, aws_iam_policy.boundary.arn)

  # Encoded again to remove blanks, which count towards AWS's limit of 6,144 characters.
  boundary = jsonencode(jsondecode(templatefile("${path.module}/boundary.json.tftpl", {
    account = local.account
    prefix  = var.prefix
    region  = var.region
  })))
}

resource "aws_iam_policy" "boundary" {
  name        = "${var.prefix}-boundary"
  description = "Permissions boundary of all roles of ${var.prefix}"
  path        = "/bootstrap/" # like the workflow roles: apply may not change this path
  policy      = local.boundary
}
