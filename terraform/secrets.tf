# Secrets are created empty: `make secrets` writes their values to Secrets Manager directly, never through Terraform.
# URLs of stores created here hold no password, those of existing stores may. All are write-only, so they are in no plan and no state.

module "replicate_token" {
  source      = "./modules/secret"
  platform    = local.platform
  name        = "replicate-api-token"
  description = "Replicate API token (r8_...)"
}

module "webhook_secret" {
  source      = "./modules/secret"
  platform    = local.platform
  name        = "replicate-webhook-secrets"
  description = "Signing secrets of Replicate's webhooks (whsec_...), newest first, separated by spaces"
}

locals {
  # Terraform writes a write-only value again only if its version number changes. For URLs of stores created here the number is a hash of the URL.
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
  platform      = local.platform
  name          = "database-url"
  description   = "Where PostgreSQL is"
  value         = var.database == null ? var.database_url : one(module.database[*].urls)["jobs"]
  value_version = local.url_versions.database
}

module "owner_database_url" {
  source        = "./modules/parameter"
  platform      = local.platform
  name          = "owner-database-url"
  description   = "Where migrations log in to PostgreSQL, as its owner"
  value         = var.database == null ? try(coalesce(var.owner_database_url, var.database_url), "") : one(module.database[*].owner_url)
  value_version = local.url_versions.owner_database
}

module "redis_url" {
  source        = "./modules/parameter"
  platform      = local.platform
  name          = "redis-url"
  description   = "Where Redis is"
  value         = var.cache == null ? var.redis_url : one(module.cache[*].url)
  value_version = local.url_versions.redis
}
