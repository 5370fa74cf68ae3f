# Secrets are made empty; their values are put into Secrets Manager directly, never through Terraform.

module "replicate_token" {
  source      = "./modules/secret"
  prefix      = var.prefix
  name        = "replicate-api-token"
  description = "Replicate API token (r8_...)"
  disposable  = var.disposable
}

module "webhook_secret" {
  source      = "./modules/secret"
  prefix      = var.prefix
  name        = "replicate-webhook-secret"
  description = "Signing secrets of Replicate's webhooks (whsec_...), newest first, separated by spaces"
  disposable  = var.disposable
}

module "database_url" {
  source        = "./modules/parameter"
  prefix        = var.prefix
  name          = "database-url"
  description   = "Where PostgreSQL is"
  value         = var.database_url
  value_version = var.connection_version
}

module "redis_url" {
  source        = "./modules/parameter"
  prefix        = var.prefix
  name          = "redis-url"
  description   = "Where Redis is"
  value         = var.redis_url
  value_version = var.connection_version
}
