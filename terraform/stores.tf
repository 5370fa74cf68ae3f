locals {
  # The emulator speaks plain HTTP on the loopback address and enforces resource policies.
  tls_only = var.prefix != "vsl-local"
}

module "job_table" {
  source     = "./modules/job_table"
  prefix     = var.prefix
  disposable = var.disposable
}

module "media_bucket" {
  source     = "./modules/media_bucket"
  prefix     = var.prefix
  disposable = var.disposable
  tls_only   = local.tls_only
}
