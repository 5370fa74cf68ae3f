data "aws_caller_identity" "this" {}

locals {
  # The emulator speaks plain HTTP on the loopback address and enforces resource policies.
  tls_only = var.prefix != "vsl-local"
  key_arn  = one(module.customer_key[*].arn) # null: AWS's own keys

  # Bucket names are unique in the world, so the account id is part of them, unless the environment sets a name.
  media_bucket_name  = coalesce(var.media_bucket.name, "${var.prefix}-media-${data.aws_caller_identity.this.account_id}")
  media_replica_name = var.media_bucket.name != null ? "${var.media_bucket.name}-replica" : "${var.prefix}-media-replica-${data.aws_caller_identity.this.account_id}"

  # What no role may exceed, whatever its policies say: the bootstrap's policy, unless another is given.
  boundary_arn = one([for boundary in var.permissions_boundary[*] : coalesce(
    boundary.arn, "arn:aws:iam::${data.aws_caller_identity.this.account_id}:policy/bootstrap/${var.prefix}-boundary"
  )])

  keep_media = { old_versions_days = 30, days_by_prefix = { "temp/" = 1 } }

  # Our own PostgreSQL and Redis: functions have the URL, which holds no password, in their environment, and log in by IAM. Yours: they read the URL in
  # Parameter Store, which answers 40 calls a second for the whole account.
  # Each group of functions logs in to our PostgreSQL as a role of its own; yours has one URL for all (ADR 36).
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

module "customer_key" {
  source = "./modules/customer_key"
  count  = var.customer_key ? 1 : 0
  prefix = var.prefix
  region = var.region
}

module "database" {
  source                   = "./modules/database"
  count                    = var.database == null ? 0 : 1
  prefix                   = var.prefix
  region                   = var.region
  disposable               = var.disposable
  vpc_id                   = local.vpc_id
  subnet_ids               = local.data_subnet_ids
  client_security_group_id = one(module.function_network[*].security_group_id)
  engine_version           = var.database.engine_version
  instance_class           = var.database.instance_class
  storage_gb               = var.database.storage_gb
  max_storage_gb           = var.database.max_storage_gb
  multi_az                 = var.database.multi_az
  proxy                    = var.database.proxy
  log_retention_days       = var.logs.retention_days
  key_arn                  = local.key_arn
  permissions_boundary_arn = local.boundary_arn
}

module "cache" {
  source                   = "./modules/cache"
  count                    = var.cache == null ? 0 : 1
  prefix                   = var.prefix
  vpc_id                   = local.vpc_id
  subnet_ids               = local.data_subnet_ids
  client_security_group_id = one(module.function_network[*].security_group_id)
  engine                   = var.cache.engine
  engine_version           = var.cache.engine_version
  node_type                = var.cache.node_type
  replicas                 = var.cache.replicas
  log_retention_days       = var.logs.retention_days
  key_arn                  = local.key_arn
}

module "job_table" {
  source     = "./modules/job_table"
  prefix     = var.prefix
  disposable = var.disposable
  capacity   = var.job_table.capacity
  key_arn    = local.key_arn
}

module "media_bucket" {
  source                   = "./modules/bucket"
  name                     = local.media_bucket_name
  media_folders            = ["videos", "images", "audio"]
  keep                     = local.keep_media
  intelligent_tiering      = true
  cors_origins             = var.api.cors_origins
  replica                  = one([for copy in module.media_replica : { bucket_arn = copy.arn, key_arn = local.replica_key_arn }])
  key_arn                  = local.key_arn
  disposable               = var.disposable
  tls_only                 = local.tls_only
  permissions_boundary_arn = local.boundary_arn
}

# --- the copy in another region

locals {
  replicated      = var.media_bucket.replica_region != null
  replica_key_arn = one(module.replica_key[*].arn)
}

# A key belongs to its region.
module "replica_key" {
  source    = "./modules/customer_key"
  count     = local.replicated && var.customer_key ? 1 : 0
  providers = { aws = aws.replica }
  prefix    = var.prefix
  region    = var.media_bucket.replica_region
}

module "media_replica" {
  source              = "./modules/bucket"
  count               = local.replicated ? 1 : 0
  providers           = { aws = aws.replica }
  name                = local.media_replica_name
  keep                = local.keep_media
  intelligent_tiering = true
  key_arn             = local.replica_key_arn
  disposable          = var.disposable
  tls_only            = local.tls_only
}
