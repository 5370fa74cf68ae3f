# Functions, in the order of a job's life. A new function is a module and an entry in `local.functions` at the end, and a route in api.tf.

locals {
  public_api_url = var.api.public_url != null ? var.api.public_url : module.api.url

  # The API and the queue submit jobs to Replicate in the same way.
  submit_environment = merge(local.database_environment, local.cache_environment, {
    JOB_TABLE              = module.job_table.name
    SUBMISSIONS_QUEUE_URL  = module.submissions.url
    CALLBACKS_QUEUE_URL    = module.callbacks.url
    REPLICATE_BASE_URL     = var.replicate.base_url
    REPLICATE_TOKEN_SECRET = module.replicate_token.id
    PUBLIC_API_URL         = local.public_api_url
    MODELS                 = jsonencode(var.models)

    REPLICATE_CREATES_PER_MINUTE = var.replicate.creates_per_minute
  })

  # Defaults for users without limits of their own.
  limits_environment = {
    CONCURRENT_JOBS = var.limits.concurrent_jobs == null ? "" : var.limits.concurrent_jobs
    MONTHLY_BUDGET  = var.limits.monthly_budget == null ? "" : var.limits.monthly_budget
  }

  submit_permissions = merge(
    local.database_permissions,
    local.cache_permissions,
    module.replicate_token.allow.read,
    module.job_table.allow.write,
    module.submissions.allow.send,
    module.callbacks.allow.send,
  )

  # Empty on AWS: the variable allows origins in vsl-local only.
  callback_origins = join(",", var.api.callback_origins)
}

module "shared_layer" {
  source        = "./modules/layer"
  platform      = local.platform
  name          = "shared"
  package       = var.layers["shared"]
  architectures = ["arm64", "x86_64"]
}

module "ffmpeg_layer" {
  source        = "./modules/layer"
  platform      = local.platform
  name          = "ffmpeg"
  package       = var.layers["ffmpeg"]
  architectures = [var.architecture]
}

module "authorize" {
  source          = "./modules/function"
  platform        = local.platform
  name            = "authorize"
  network         = local.private
  memory_mb       = 256
  timeout_seconds = 5
  package         = var.packages["authorize"]
  layers          = [module.shared_layer.arn]
  permissions     = merge(local.access_database_permissions, local.cache_permissions)
  environment = merge(local.access_database_environment, local.cache_environment, {
    FAILURES_PER_ADDRESS = var.limits.failures_per_address
  })
}

module "generate_media" {
  source          = "./modules/function"
  platform        = local.platform
  name            = "generate-media"
  network         = local.outbound
  memory_mb       = 1024
  timeout_seconds = 30
  package         = var.packages["generate_media"]
  layers          = [module.shared_layer.arn]
  permissions     = local.submit_permissions
  environment = merge(local.submit_environment, local.limits_environment, {
    RATE_LIMIT_PER_HOUR      = var.limits.rate_per_hour
    ALLOWED_CALLBACK_ORIGINS = local.callback_origins
  })
}

# Accepts jobs like generate_media, but sends them to the submissions queue only. SQS is outside the network.
module "generate_batch" {
  source          = "./modules/function"
  platform        = local.platform
  name            = "generate-batch"
  network         = local.outbound
  memory_mb       = 1024
  timeout_seconds = 30
  package         = var.packages["generate_batch"]
  layers          = [module.shared_layer.arn]
  permissions     = merge(local.database_permissions, local.cache_permissions, module.submissions.allow.send)
  environment = merge(local.submit_environment, local.limits_environment, {
    RATE_LIMIT_PER_HOUR      = var.limits.rate_per_hour
    ALLOWED_CALLBACK_ORIGINS = local.callback_origins
  })
}

module "submit_job" {
  source          = "./modules/function"
  platform        = local.platform
  name            = "submit-job"
  network         = local.outbound
  memory_mb       = 512
  timeout_seconds = 60
  package         = var.packages["submit_job"]
  layers          = [module.shared_layer.arn]
  permissions     = merge(local.submit_permissions, module.submissions.allow.receive)
  environment     = local.submit_environment
}

module "receive_webhook" {
  source          = "./modules/function"
  platform        = local.platform
  name            = "receive-webhook"
  network         = null # uses no store, and starts faster outside a VPC
  memory_mb       = 256
  timeout_seconds = 10
  package         = var.packages["receive_webhook"]
  layers          = [module.shared_layer.arn]
  permissions     = merge(module.webhook_secret.allow.read, module.webhooks.allow.send)
  environment = {
    WEBHOOK_SECRET       = module.webhook_secret.id
    WEBHOOKS_QUEUE_URL   = module.webhooks.url
    FAILURES_PER_ADDRESS = var.limits.failures_per_address
  }
}

module "process_webhook" {
  source          = "./modules/function"
  platform        = local.platform
  name            = "process-webhook"
  network         = local.outbound
  memory_mb       = 2048
  timeout_seconds = 300
  # Outputs are processed one after another; each needs room for itself and for its derivatives.
  temporary_storage_mb = max(2048, 2 * ceil(var.limits.max_output_bytes / pow(1024, 2)))
  package              = var.packages["process_webhook"]
  layers               = [module.shared_layer.arn, module.ffmpeg_layer.arn]
  permissions = merge(
    module.webhooks.allow.receive,
    local.media_database_permissions,
    local.cache_permissions,
    module.replicate_token.allow.read,
    module.media_bucket.allow.write,
    module.media_bucket.allow.describe, # the description that another worker stored first
    module.job_table.allow.write,
    module.callbacks.allow.send,
  )
  environment = merge(local.media_database_environment, local.cache_environment, {
    JOB_TABLE                  = module.job_table.name
    MEDIA_BUCKET               = module.media_bucket.name
    WEBHOOKS_QUEUE_URL         = module.webhooks.url
    CALLBACKS_QUEUE_URL        = module.callbacks.url
    REPLICATE_BASE_URL         = var.replicate.base_url
    REPLICATE_TOKEN_SECRET     = module.replicate_token.id
    ALLOWED_OUTPUT_HOSTS       = join(",", var.replicate.output_hosts)
    MAX_OUTPUT_BYTES           = var.limits.max_output_bytes
    MAX_OUTPUTS                = var.limits.max_outputs
    DERIVATIVE_TIMEOUT_SECONDS = 60
  })
}

# A receiver has ten seconds to answer. An attempt is leased for 60 seconds, so the timeout must stay well below.
module "deliver_callback" {
  source          = "./modules/function"
  platform        = local.platform
  name            = "deliver-callback"
  network         = local.outbound
  memory_mb       = 512
  timeout_seconds = 30
  package         = var.packages["deliver_callback"]
  layers          = [module.shared_layer.arn]
  permissions = merge(
    module.callbacks.allow.receive,
    module.callbacks.allow.send, # the next attempt
    local.database_permissions,
    module.media_bucket.allow.read,
  )
  environment = merge(local.database_environment, {
    MEDIA_BUCKET             = module.media_bucket.name
    LINK_SECONDS             = var.limits.link_seconds
    CALLBACKS_QUEUE_URL      = module.callbacks.url
    ALLOWED_CALLBACK_ORIGINS = local.callback_origins
  })
}

# A client may wait up to 20 seconds (`?wait=`), and the HTTP API times out after 30.
module "get_status" {
  source          = "./modules/function"
  platform        = local.platform
  name            = "get-status"
  network         = local.private
  memory_mb       = 512
  timeout_seconds = 25
  package         = var.packages["get_status"]
  layers          = [module.shared_layer.arn]
  permissions = merge(
    local.cache_permissions,
    module.job_table.allow.read,
    module.job_table.allow.write,
    local.database_permissions,
    module.media_bucket.allow.read,
  )
  environment = merge(local.database_environment, local.cache_environment, {
    JOB_TABLE        = module.job_table.name
    MEDIA_BUCKET     = module.media_bucket.name
    LINK_SECONDS     = var.limits.link_seconds
    WAITING_REQUESTS = var.limits.waiting_requests
  })
}

module "get_batch" {
  source          = "./modules/function"
  platform        = local.platform
  name            = "get-batch"
  network         = local.private
  memory_mb       = 512
  timeout_seconds = 10
  package         = var.packages["get_batch"]
  layers          = [module.shared_layer.arn]
  permissions     = local.database_permissions
  environment     = local.database_environment
}

module "list_jobs" {
  source          = "./modules/function"
  platform        = local.platform
  name            = "list-jobs"
  network         = local.private
  memory_mb       = 512
  timeout_seconds = 10
  package         = var.packages["list_jobs"]
  layers          = [module.shared_layer.arn]
  permissions     = local.database_permissions
  environment     = local.database_environment
}

module "list_models" {
  source          = "./modules/function"
  platform        = local.platform
  name            = "list-models"
  network         = local.private
  memory_mb       = 256
  timeout_seconds = 10
  package         = var.packages["list_models"]
  layers          = [module.shared_layer.arn]
  permissions     = merge(local.database_permissions, local.cache_permissions)
  environment = merge(local.database_environment, local.cache_environment, {
    MODELS = jsonencode(var.models)
  })
}

module "cancel_job" {
  source          = "./modules/function"
  platform        = local.platform
  name            = "cancel-job"
  network         = local.outbound
  memory_mb       = 512
  timeout_seconds = 15
  package         = var.packages["cancel_job"]
  layers          = [module.shared_layer.arn]
  permissions     = local.submit_permissions # cancelling undoes a submission
  environment = merge(local.database_environment, local.cache_environment, {
    JOB_TABLE              = module.job_table.name
    SUBMISSIONS_QUEUE_URL  = module.submissions.url
    CALLBACKS_QUEUE_URL    = module.callbacks.url
    REPLICATE_BASE_URL     = var.replicate.base_url
    REPLICATE_TOKEN_SECRET = module.replicate_token.id
  })
}

module "retry_job" {
  source          = "./modules/function"
  platform        = local.platform
  name            = "retry-job"
  network         = local.outbound
  memory_mb       = 1024
  timeout_seconds = 30
  package         = var.packages["retry_job"]
  layers          = [module.shared_layer.arn]
  permissions     = local.submit_permissions
  environment = merge(local.submit_environment, local.limits_environment, {
    RATE_LIMIT_PER_HOUR      = var.limits.rate_per_hour
    ALLOWED_CALLBACK_ORIGINS = local.callback_origins
  })
}

module "delete_job" {
  source          = "./modules/function"
  platform        = local.platform
  name            = "delete-job"
  network         = local.private
  memory_mb       = 512
  timeout_seconds = 28 # six S3 calls of 4 seconds each; the HTTP API times out after 30
  package         = var.packages["delete_job"]
  layers          = [module.shared_layer.arn]
  permissions = merge(
    local.database_permissions,
    local.cache_permissions,
    module.job_table.allow.write,
    module.media_bucket.allow.erase,
  )
  environment = merge(local.database_environment, local.cache_environment, {
    JOB_TABLE    = module.job_table.name
    MEDIA_BUCKET = module.media_bucket.name
  })
}

module "manage_callbacks" {
  source          = "./modules/function"
  platform        = local.platform
  name            = "manage-callbacks"
  network         = local.outbound # calls SQS
  memory_mb       = 256
  timeout_seconds = 10
  package         = var.packages["manage_callbacks"]
  layers          = [module.shared_layer.arn]
  permissions     = merge(local.database_permissions, module.callbacks.allow.send)
  environment = merge(local.database_environment, {
    CALLBACKS_QUEUE_URL = module.callbacks.url
  })
}

module "get_usage" {
  source          = "./modules/function"
  platform        = local.platform
  name            = "get-usage"
  network         = local.private
  memory_mb       = 512
  timeout_seconds = 10
  package         = var.packages["get_usage"]
  layers          = [module.shared_layer.arn]
  permissions     = local.database_permissions
  environment     = merge(local.database_environment, local.limits_environment)
}

module "show_api" {
  source          = "./modules/function"
  platform        = local.platform
  name            = "show-api"
  network         = null # reads only files of its own zip
  memory_mb       = 256
  timeout_seconds = 5
  package         = var.packages["show_api"]
  layers          = [module.shared_layer.arn]
  permissions     = {}
  environment     = {}
}

module "check_health" {
  source          = "./modules/function"
  platform        = local.platform
  name            = "check-health"
  network         = local.outbound
  memory_mb       = 256
  timeout_seconds = 15
  package         = var.packages["check_health"]
  layers          = [module.shared_layer.arn]
  permissions = merge(
    local.database_permissions,
    local.cache_permissions,
    module.job_table.allow.read,
    module.media_bucket.allow.probe,
    module.replicate_token.allow.read,
  )
  environment = merge(local.database_environment, local.cache_environment, {
    JOB_TABLE              = module.job_table.name
    MEDIA_BUCKET           = module.media_bucket.name
    REPLICATE_BASE_URL     = var.replicate.base_url
    REPLICATE_TOKEN_SECRET = module.replicate_token.id
    FAILURES_PER_ADDRESS   = var.limits.failures_per_address
    RELEASE                = substr(sha256(jsonencode([var.packages, var.layers])), 0, 12)
  })
}

module "check_replicate_status" {
  source          = "./modules/function"
  platform        = local.platform
  name            = "check-replicate-status"
  network         = local.outbound
  memory_mb       = 1024 # more than half a processor, for 40 reads a second over TLS
  timeout_seconds = 240  # the next run begins after 300
  package         = var.packages["check_replicate_status"]
  layers          = [module.shared_layer.arn]
  permissions = merge(
    local.database_permissions,
    local.cache_permissions,
    module.replicate_token.allow.read,
    module.submissions.allow.send,
    module.webhooks.allow.send,
    module.callbacks.allow.send,
    module.job_table.allow.read_many,
    module.job_table.allow.write,
    module.media_bucket.allow.erase,
    module.media_bucket.allow.describe, # finds results that a restore of PostgreSQL lost
  )
  environment = merge(local.database_environment, local.cache_environment, {
    JOB_TABLE              = module.job_table.name
    SUBMISSIONS_QUEUE_URL  = module.submissions.url
    WEBHOOKS_QUEUE_URL     = module.webhooks.url
    CALLBACKS_QUEUE_URL    = module.callbacks.url
    REPLICATE_BASE_URL     = var.replicate.base_url
    REPLICATE_TOKEN_SECRET = module.replicate_token.id
    MEDIA_BUCKET           = module.media_bucket.name

    REPLICATE_CREATES_PER_MINUTE = var.replicate.creates_per_minute
  })
}

# --- called by operators

module "apply_migrations" {
  source          = "./modules/function"
  platform        = local.platform
  name            = "apply-migrations"
  network         = local.private
  memory_mb       = 512
  timeout_seconds = 300
  package         = var.packages["apply_migrations"]
  layers          = [module.shared_layer.arn]
  permissions = merge(
    module.owner_database_url.allow.read,
    merge(module.database[*].allow.read_owner_login...),
    try(local.proxy_logins.allow.write, {}),
  )
  environment = {
    OWNER_DATABASE_URL_PARAMETER = module.owner_database_url.name
    PROXY_LOGIN_SECRETS          = try(jsonencode(local.proxy_logins.secret_ids), "")
  }
}

module "manage_access" {
  source          = "./modules/function"
  platform        = local.platform
  name            = "manage-access"
  network         = local.private
  memory_mb       = 256
  timeout_seconds = 30
  package         = var.packages["manage_access"]
  layers          = [module.shared_layer.arn]
  permissions     = merge(local.access_database_permissions, local.cache_permissions) # cache: for the catalogue's newest rows
  environment = merge(local.access_database_environment, local.cache_environment, {
    KEY_PREFIX = replace(var.prefix, "-", "_")
  })
}

# All functions by folder name, for outputs, alarms and tests: Terraform cannot list module blocks itself.
locals {
  functions = {
    authorize              = module.authorize
    generate_media         = module.generate_media
    generate_batch         = module.generate_batch
    submit_job             = module.submit_job
    receive_webhook        = module.receive_webhook
    process_webhook        = module.process_webhook
    deliver_callback       = module.deliver_callback
    get_status             = module.get_status
    get_batch              = module.get_batch
    list_jobs              = module.list_jobs
    list_models            = module.list_models
    cancel_job             = module.cancel_job
    retry_job              = module.retry_job
    delete_job             = module.delete_job
    manage_callbacks       = module.manage_callbacks
    get_usage              = module.get_usage
    show_api               = module.show_api
    check_health           = module.check_health
    check_replicate_status = module.check_replicate_status
    apply_migrations       = module.apply_migrations
    manage_access          = module.manage_access
  }
}
