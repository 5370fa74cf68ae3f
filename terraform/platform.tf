# What all modules share. This file is the only one that asks AWS for the account; the region is a variable. ARNs are written with the partition
# `aws`: the platform has not been tried in AWS China or GovCloud.

data "aws_caller_identity" "this" {}

locals {
  # Without the key that encrypts everything else: the module that creates the key takes these values too.
  platform_without_key = {
    prefix             = var.prefix
    region             = var.region
    account_id         = data.aws_caller_identity.this.account_id
    disposable         = var.disposable
    tls_only           = var.prefix != "vsl-local" # the emulator speaks plain HTTP on the loopback address and enforces resource policies
    log_retention_days = var.logs.retention_days
    alarm_topic_arn    = var.alarm_topic_arn

    # What no role may exceed, whatever its policies say: the bootstrap's policy, unless another one is given.
    permissions_boundary_arn = one([for boundary in var.permissions_boundary[*] : coalesce(
      boundary.arn, "arn:aws:iam::${data.aws_caller_identity.this.account_id}:policy/bootstrap/${var.prefix}-boundary"
    )])

    # --- functions and layers
    artifact_bucket      = var.artifact_bucket
    architecture         = var.architecture
    log_level            = var.logs.level
    snap_start           = var.functions.snap_start
    tracing              = var.functions.tracing
    reserved_concurrency = var.functions.reserved_concurrency
  }

  platform = merge(local.platform_without_key, { key_arn = local.key_arn })
  key_arn  = one(module.customer_key[*].arn) # null: AWS's own keys
}

module "customer_key" {
  source   = "./modules/customer_key"
  count    = var.customer_key ? 1 : 0
  platform = local.platform_without_key
}
