data "aws_caller_identity" "this" {}

locals {
  account = data.aws_caller_identity.this.account_id

  # The emulator speaks plain HTTP on the loopback address and enforces resource policies.
  tls_only = var.prefix != "vsl-local"
}

# The account id makes the names unique in the world, and the wrong account's credentials find nothing.

module "state_bucket" {
  source   = "../modules/bucket"
  name     = "${var.prefix}-state-${local.account}"
  keep     = { old_versions_days = 90 }
  tls_only = local.tls_only
}

# Lambda copies the code it is given: a zip that has gone takes no function with it, and the next `make upload` brings it back.
module "artifact_bucket" {
  source   = "../modules/bucket"
  name     = "${var.prefix}-artifacts-${local.account}"
  keep     = { days = var.keep_packages_days, old_versions_days = 30 }
  tls_only = local.tls_only
}
