locals {
  # Bucket names are global, so they contain the account id unless the environment sets a name.
  media_bucket_name  = coalesce(var.media_bucket.name, "${var.prefix}-media-${local.platform.account_id}")
  media_replica_name = var.media_bucket.name != null ? "${var.media_bucket.name}-replica" : "${var.prefix}-media-replica-${local.platform.account_id}"

  keep_media = { old_versions_days = 30, days_by_prefix = { "temp/" = 1 } }

  # URLs of stores created here hold no password: functions have them in their environment and log in by IAM. URLs of existing stores may hold one:
  # functions read them from Parameter Store, which allows 40 calls a second per account.
  # Each group of functions has its own role in a PostgreSQL created here; an existing one has one URL for all groups (ADR 36).
  media_database_environment  = var.database == null ? { DATABASE_URL_PARAMETER = module.database_url.name } : { DATABASE_URL = one(module.database[*].urls)["media"] }
  access_database_environment = var.database == null ? { DATABASE_URL_PARAMETER = module.database_url.name } : { DATABASE_URL = one(module.database[*].urls)["access"] }
  database_environment        = var.database == null ? { DATABASE_URL_PARAMETER = module.database_url.name } : { DATABASE_URL = one(module.database[*].urls)["jobs"] }
  media_database_permissions  = var.database == null ? module.database_url.allow.read : one(module.database[*].allow.connect)["media"]
  access_database_permissions = var.database == null ? module.database_url.allow.read : one(module.database[*].allow.connect)["access"]
  database_permissions        = var.database == null ? module.database_url.allow.read : one(module.database[*].allow.connect)["jobs"]
  cache_environment           = var.cache == null ? { REDIS_URL_PARAMETER = module.redis_url.name } : { REDIS_URL = one(module.cache[*].url) }
  cache_permissions           = var.cache == null ? module.redis_url.allow.read : one(module.cache[*].allow.connect)
  proxy_logins                = one(module.database[*].proxy_logins) # null without a proxy
}

module "database" {
  source   = "./modules/database"
  count    = var.database == null ? 0 : 1
  platform = local.platform
  network  = local.data_network
  instance = var.database
  proxy    = var.database.proxy
}

module "cache" {
  source   = "./modules/cache"
  count    = var.cache == null ? 0 : 1
  platform = local.platform
  network  = local.data_network
  nodes    = var.cache
}

module "job_table" {
  source   = "./modules/job_table"
  platform = local.platform
  capacity = var.job_table.capacity
}

module "media_bucket" {
  source              = "./modules/bucket"
  platform            = local.platform
  name                = local.media_bucket_name
  media_folders       = ["videos", "images", "audio"]
  keep                = local.keep_media
  intelligent_tiering = true
  cors_origins        = var.api.cors_origins
  replica             = one([for copy in module.media_replica : { bucket_arn = copy.arn, key_arn = local.replica_platform.key_arn }])
}

# --- the copy in another region

locals {
  replicated = var.media_bucket.replica_region != null

  # A key belongs to its region.
  replica_platform_without_key = merge(local.platform_without_key, { region = var.media_bucket.replica_region })
  replica_platform             = merge(local.replica_platform_without_key, { key_arn = one(module.replica_key[*].arn) })
}

module "replica_key" {
  source    = "./modules/customer_key"
  count     = local.replicated && var.customer_key ? 1 : 0
  providers = { aws = aws.replica }
  platform  = local.replica_platform_without_key
}

module "media_replica" {
  source              = "./modules/bucket"
  count               = local.replicated ? 1 : 0
  providers           = { aws = aws.replica }
  platform            = local.replica_platform
  name                = local.media_replica_name
  keep                = local.keep_media
  intelligent_tiering = true
}
