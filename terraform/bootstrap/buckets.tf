data "aws_caller_identity" "this" {}

locals {
  account = data.aws_caller_identity.this.account_id

  # The emulator speaks plain HTTP on the loopback address and enforces resource policies.
  tls_only = var.prefix != "vsl-local"
}

# The account id makes the names globally unique, and credentials of the wrong account find nothing.

module "state_bucket" {
  source   = "../modules/bucket"
  name     = "${var.prefix}-state-${local.account}"
  keep     = { old_versions_days = 90 }
  platform = { tls_only = local.tls_only }
}

# Lambda keeps a copy of its code: an expired zip does not affect a function, and the next `make upload` uploads it again.
module "artifact_bucket" {
  source   = "../modules/bucket"
  name     = "${var.prefix}-artifacts-${local.account}"
  keep     = { days = var.keep_packages_days, old_versions_days = 30 }
  platform = { tls_only = local.tls_only }
}
