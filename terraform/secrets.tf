# Secrets are made empty; their values are put into Secrets Manager directly, never through Terraform.
# URLs of our own database and cache hold no secret; URLs of existing ones may, so all are written without being kept. Tools and migrations read them.

module "replicate_token" {
  source      = "./modules/secret"
  prefix      = var.prefix
  name        = "replicate-api-token"
  description = "Replicate API token (r8_...)"
  key_arn     = local.key_arn
  disposable  = var.disposable
}

module "webhook_secret" {
  source      = "./modules/secret"
  prefix      = var.prefix
  name        = "replicate-webhook-secrets"
  description = "Signing secrets of Replicate's webhooks (whsec_...), newest first, separated by spaces"
  key_arn     = local.key_arn
  disposable  = var.disposable
}

locals {
  # Terraform does not keep what it writes, so it tells by a number whether there is something new. For our own URLs that is a hash of them.
  url_versions = {
    for name, url in {
      database       = try(one(module.database[*].urls)["jobs"], null)
      owner_database = one(module.database[*].owner_url)
      redis          = one(module.cache[*].url)
    } : name => try(parseint(substr(sha256(url), 0, 7), 16), var.connection_version)
  }
}

module "database_url" {
  source        = "./modules/parameter"
  prefix        = var.prefix
  name          = "database-url"
  description   = "Where PostgreSQL is"
  value         = var.database == null ? var.database_url : one(module.database[*].urls)["jobs"]
  value_version = local.url_versions.database
  key_arn       = local.key_arn
}

module "owner_database_url" {
  source        = "./modules/parameter"
  prefix        = var.prefix
  name          = "owner-database-url"
  description   = "Where migrations log in to PostgreSQL, as its owner"
  value         = var.database == null ? try(coalesce(var.owner_database_url, var.database_url), "") : one(module.database[*].owner_url)
  value_version = local.url_versions.owner_database
  key_arn       = local.key_arn
}

module "redis_url" {
  source        = "./modules/parameter"
  prefix        = var.prefix
  name          = "redis-url"
  description   = "Where Redis is"
  value         = var.cache == null ? var.redis_url : one(module.cache[*].url)
  value_version = local.url_versions.redis
  key_arn       = local.key_arn
}
