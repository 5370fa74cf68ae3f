# --- the environment

variable "prefix" {
  description = "First part of every name: vsl-<environment>. vsl-local runs on an emulator instead of AWS."
  type        = string

  validation {
    condition     = can(regex("^vsl-[a-z][a-z0-9]{1,15}$", var.prefix))
    error_message = "The prefix must be vsl- and the environment's name in lower-case letters and digits, such as vsl-homolog."
  }
}

variable "region" {
  description = "AWS region of all resources except the copy of the media."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "The region must be an AWS region code, such as us-east-1."
  }
}

variable "disposable" {
  description = "Let `destroy` delete the environment with all its data."
  type        = bool
  default     = false

  validation {
    condition     = !var.disposable || contains(["vsl-local", "vsl-dev"], var.prefix)
    error_message = "Only vsl-local and vsl-dev may be disposable."
  }
}

variable "permissions_boundary" {
  description = "Permissions boundary of every role. {}: the policy that the bootstrap creates; arn: a policy that your organisation requires; null: none, for an account that was not bootstrapped."
  type = object({
    arn = optional(string)
  })
  default = {}

  validation {
    condition     = can(regex("^arn:aws:iam::[0-9]{12}:policy/[A-Za-z0-9+=,.@_/-]+$", try(coalesce(var.permissions_boundary.arn), "arn:aws:iam::000000000000:policy/x")))
    error_message = "The permissions boundary must be the ARN of a managed policy, such as arn:aws:iam::123456789012:policy/boundary."
  }
}

# --- what runs (written by `make upload`)

variable "architecture" {
  description = "Instruction set of the functions: arm64 on AWS, the machine's own on an emulator."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The architecture must be arm64 or x86_64."
  }
}

variable "artifact_bucket" {
  description = "Bucket that holds the zips of functions and layers."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.artifact_bucket))
    error_message = "The artifact bucket must be the name of an S3 bucket, without s3://."
  }
}

variable "packages" {
  description = "Key of each function's zip in the artifact bucket, by the function's folder name."
  type        = map(string)

  validation {
    condition     = length(setsubtract([for handler in fileset("${path.module}/../lambdas", "*/handler.py") : dirname(handler)], keys(var.packages))) == 0
    error_message = "Each folder of lambdas/ needs a zip: run `make upload`, which writes packages.auto.tfvars.json."
  }

  validation {
    condition     = alltrue([for key in values(var.packages) : endswith(key, ".zip")])
    error_message = "A package must be the key of a .zip in the artifact bucket."
  }
}

variable "layers" {
  description = "Key of each layer's zip in the artifact bucket: shared, ffmpeg."
  type        = map(string)

  validation {
    condition     = length(setsubtract(["shared", "ffmpeg"], keys(var.layers))) == 0
    error_message = "The layers shared and ffmpeg need a zip each: run `make upload`, which writes packages.auto.tfvars.json."
  }

  validation {
    condition     = alltrue([for key in values(var.layers) : endswith(key, ".zip")])
    error_message = "A layer must be the key of a .zip in the artifact bucket."
  }
}

# --- network and stores: null means "use an existing one" or "none"

variable "network" {
  description = <<-EOT
    The private network of the functions and stores; null: the functions run outside a VPC (vsl-local).
    redundant: a NAT gateway and the endpoints in every zone instead of in the first. endpoints: AWS services reached without the internet.
    existing: your own VPC. Its function subnets need a route to the internet; its data subnets must be in at least two zones. peers: addresses and port of
    your own database and Redis, such as { database = { cidr = "10.0.0.0/16", port = 5432 } }.
  EOT
  type = object({
    cidr      = optional(string, "10.40.0.0/16")
    zones     = optional(number, 2)
    redundant = optional(bool, false)
    endpoints = optional(set(string), ["ssm", "secretsmanager"])
    peers     = optional(map(object({ cidr = string, port = number })), {})
    existing = optional(object({
      vpc_id              = string
      function_subnet_ids = list(string)
      data_subnet_ids     = optional(list(string), [])
    }))
  })
  default = {}

  validation {
    condition     = can(cidrsubnet(var.network == null ? "10.40.0.0/16" : var.network.cidr, 4, 0)) && contains([2, 3], var.network == null ? 2 : var.network.zones)
    error_message = "The network must be a CIDR block such as 10.40.0.0/16 in 2 or 3 zones."
  }

  validation {
    condition     = var.network == null ? true : length(setsubtract(var.network.endpoints, ["ssm", "secretsmanager", "sqs"])) == 0
    error_message = "Endpoints must be ssm, secretsmanager or sqs: the functions use no other interface endpoint (S3 and DynamoDB have gateway endpoints)."
  }

  validation {
    condition = try(var.network.existing, null) == null ? true : (
      startswith(var.network.existing.vpc_id, "vpc-") &&
      length(var.network.existing.function_subnet_ids) > 0 &&
      alltrue([for id in concat(var.network.existing.function_subnet_ids, var.network.existing.data_subnet_ids) : startswith(id, "subnet-")])
    )
    error_message = "An existing network must be the id of a VPC (vpc-...) and of its subnets (subnet-...), at least one for functions."
  }
}

variable "database" {
  description = "The PostgreSQL to create on RDS; null: use your own at database_url. proxy: an RDS Proxy between functions and instance."
  type = object({
    engine_version = optional(string, "17")
    instance_class = optional(string, "db.t4g.small")
    storage_gb     = optional(number, 20)
    max_storage_gb = optional(number, 100)
    multi_az       = optional(bool, false)
    proxy          = optional(bool, false)
  })
  default = {}

  validation {
    condition     = var.database == null || local.has_data_subnets
    error_message = "A database needs at least two data subnets: set `network` (with `existing.data_subnet_ids` for an existing VPC), or use your own database with `database = null`."
  }

  # RDS signs its certificates with a different root in each region; the functions trust the roots in the shared layer.
  validation {
    condition     = var.database == null || fileexists("${path.module}/../layers/shared/rds/${var.region}.pem")
    error_message = "The shared layer has no RDS root certificate for this region: see layers/shared/rds/README.md to add it."
  }
}

variable "cache" {
  description = "The Redis or Valkey to create on ElastiCache; null: use your own at redis_url. replicas: copies that take over if the primary node fails."
  type = object({
    engine         = optional(string, "valkey")
    engine_version = optional(string) # null: 8.1 of Valkey, 7.1 of Redis
    node_type      = optional(string, "cache.t4g.micro")
    replicas       = optional(number, 0)
  })
  default = {}

  validation {
    condition     = var.cache == null || local.has_data_subnets
    error_message = "A cache needs at least two data subnets: set `network` (with `existing.data_subnet_ids` for an existing VPC), or use your own cache with `cache = null`."
  }
}

variable "database_url" {
  description = "URL of your own PostgreSQL: postgresql://user[:password]@host[:port]/database. Ephemeral: in no plan and no state."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = var.database == null ? can(regex("^postgres(ql)?://[^@/ ]+@[^/ ]+/[^ ]+$", var.database_url)) : try(length(var.database_url), 0) == 0
    error_message = "With `database = null` the database URL must be postgresql://user@host:port/database. Otherwise it must be empty, because Terraform creates the database."
  }
}

variable "owner_database_url" {
  description = "URL of the same database for migrations, as the owner of the schema; default: database_url. Ephemeral."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = try(length(var.owner_database_url), 0) == 0 || (var.database == null && can(regex("^postgres(ql)?://[^@/ ]+@[^/ ]+/[^ ]+$", var.owner_database_url)))
    error_message = "The owner's URL must be postgresql://user@host:port/database, and is allowed with `database = null` only."
  }
}

variable "redis_url" {
  description = "URL of your own Redis: redis://host:port/number, rediss:// for TLS. Ephemeral: in no plan and no state."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = var.cache == null ? can(regex("^rediss?://[^/? ]+(/[0-9]*)?([?](iam|sslrootcert)=[^& ]+(&(iam|sslrootcert)=[^& ]+)?)?$", var.redis_url)) : try(length(var.redis_url), 0) == 0
    error_message = "With `cache = null` the Redis URL must be redis://host:port/number, rediss:// for TLS, or rediss://user@host:port/number?iam=<cache> for IAM. Otherwise it must be empty, because Terraform creates the cache."
  }
}

variable "connection_version" {
  description = "Raise it to write a changed URL of your own database or Redis. Terraform does not store the URLs, so it cannot detect a change."
  type        = number
  default     = 1

  validation {
    condition     = var.connection_version >= 1 && floor(var.connection_version) == var.connection_version
    error_message = "The connection version must be a whole number from 1 on."
  }
}

variable "job_table" {
  description = "The table of live jobs is billed per request. With `capacity` it has provisioned capacity between these bounds instead (units per second, for the table and each index)."
  type = object({
    capacity = optional(object({
      read  = object({ min = number, max = number })
      write = object({ min = number, max = number })
    }))
  })
  default = {}

  validation {
    condition = try(var.job_table.capacity, null) == null ? true : alltrue([for bounds in values(var.job_table.capacity) :
      bounds.min >= 1 && bounds.max >= bounds.min && floor(bounds.min) == bounds.min && floor(bounds.max) == bounds.max
    ])
    error_message = "Capacities must be whole numbers from 1 on, with min not above max."
  }
}

variable "media_bucket" {
  description = "name: full name of the bucket instead of <prefix>-media-<account id>; the copy is then named <name>-replica. replica_region: second region to which all media are copied."
  type = object({
    name           = optional(string)
    replica_region = optional(string)
  })
  default = {}

  # 52 characters: the replication role is named <bucket>-replication, and IAM allows 64.
  validation {
    condition     = var.media_bucket.name == null || (can(regex("^${var.prefix}-media(-[a-z0-9]+)*$", var.media_bucket.name)) && length(coalesce(var.media_bucket.name, "-")) <= 52)
    error_message = "The bucket's name must begin with <prefix>-media, because the bootstrap's roles may use no other name, and have at most 52 lower-case letters, digits and dashes."
  }

  validation {
    condition     = var.media_bucket.replica_region == null || (can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.media_bucket.replica_region)) && var.media_bucket.replica_region != var.region)
    error_message = "The replica's region must be an AWS region code other than the environment's own."
  }
}

variable "customer_key" {
  description = "Encrypt everything with a KMS key of your account instead of AWS's own keys. You can audit and revoke every use of it; KMS charges for the key and for each request."
  type        = bool
  default     = false
}

# --- how functions run

variable "functions" {
  description = <<-EOT
    snap_start: start from a snapshot (billed per version). tracing: X-Ray. reserved_concurrency: concurrent executions reserved for a function, by folder
    name; also the function's limit. queue_concurrency: messages processed at the same time.
  EOT
  type = object({
    snap_start           = optional(bool, false)
    tracing              = optional(bool, false)
    reserved_concurrency = optional(map(number), {})
    queue_concurrency = optional(object({
      submissions = optional(number, 5) # low, because messages are here only if Replicate limited the rate
      webhooks    = optional(number, 20)
      callbacks   = optional(number, 10) # a slow receiver blocks one execution for ten seconds
    }), {})
  })
  default = {}

  validation {
    condition     = length(setsubtract(keys(var.functions.reserved_concurrency), keys(var.packages))) == 0
    error_message = "Reserved concurrency needs a function's folder name, such as generate_media."
  }

  validation {
    condition = (
      lookup(var.functions.reserved_concurrency, "submit_job", 1000) >= var.functions.queue_concurrency.submissions &&
      lookup(var.functions.reserved_concurrency, "process_webhook", 1000) >= var.functions.queue_concurrency.webhooks &&
      lookup(var.functions.reserved_concurrency, "deliver_callback", 1000) >= var.functions.queue_concurrency.callbacks
    )
    error_message = "A queue's concurrency must not exceed the concurrency reserved for its function (submit_job, process_webhook, deliver_callback): Lambda would throttle the rest into the dead-letter queue."
  }
}

# --- Replicate

variable "replicate" {
  description = <<-EOT
    Replicate's API. output_hosts: hosts from which results may be downloaded, with their subdomains (in vsl-local also full origins, such as
    http://127.0.0.1:4010). creates_per_minute: predictions created per minute for all users together; Replicate allows 600, or 6 if the account has little credit.
  EOT
  type = object({
    base_url           = optional(string, "https://api.replicate.com/v1")
    output_hosts       = optional(list(string), ["replicate.delivery"])
    creates_per_minute = optional(number, 500)
  })
  default = {}

  validation {
    condition     = can(regex(var.prefix == "vsl-local" ? "^https?://[^/ ]+(/[^ ]*[^/ ])?$" : "^https://[^/ ]+(/[^ ]*[^/ ])?$", var.replicate.base_url))
    error_message = "Replicate's URL must begin with https:// (http:// only in vsl-local) and must not end with a slash."
  }

  validation {
    condition = alltrue([for host in var.replicate.output_hosts :
      can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", host)) ||
      (var.prefix == "vsl-local" && can(regex("^https?://[A-Za-z0-9.-]+:[0-9]+$", host)))
    ])
    error_message = "An output host must be a host name such as replicate.delivery; a full origin is allowed in vsl-local only."
  }

  validation {
    condition     = var.replicate.creates_per_minute >= 1 && var.replicate.creates_per_minute <= 60000 && floor(var.replicate.creates_per_minute) == var.replicate.creates_per_minute
    error_message = "The number of predictions per minute must be a whole number from 1 to 60000."
  }
}

# --- limits, edge, logs

variable "limits" {
  description = <<-EOT
    Defaults for users without limits of their own (`make limits`); null: no limit. rate_per_hour: generations that a user may start per hour. concurrent_jobs:
    jobs of a user that may run at the same time. monthly_budget: cost of a user's jobs per calendar month (UTC), in US dollars.
    For all users: link_seconds: lifetime of a signed link. max_output_bytes: largest file that is copied. max_outputs: files of one result that are copied; the
    others are listed in the job's `leftOut`. failures_per_address: invalid API keys, and webhooks with invalid signatures, checked per source address in five
    minutes. waiting_requests: requests of one user that wait for a job (`?wait=`) at the same time; each takes one concurrent execution, further requests
    are answered without waiting.
  EOT
  type = object({
    rate_per_hour        = optional(number, 100)
    concurrent_jobs      = optional(number)
    monthly_budget       = optional(number)
    link_seconds         = optional(number, 900)
    max_output_bytes     = optional(number, 524288000)
    max_outputs          = optional(number, 64)
    failures_per_address = optional(number, 20)
    waiting_requests     = optional(number, 20)
  })
  default = {}

  validation {
    condition     = var.limits.failures_per_address >= 1 && floor(var.limits.failures_per_address) == var.limits.failures_per_address
    error_message = "The number of failures must be a whole number from 1 on: with 0 not even the first attempt with a valid key would be checked."
  }

  validation {
    condition     = var.limits.waiting_requests >= 1 && var.limits.waiting_requests <= 100 && floor(var.limits.waiting_requests) == var.limits.waiting_requests
    error_message = "The number of waiting requests must be a whole number from 1 to 100."
  }

  validation {
    condition     = var.limits.rate_per_hour >= 1 && floor(var.limits.rate_per_hour) == var.limits.rate_per_hour
    error_message = "The rate must be a whole number from 1 on."
  }

  validation {
    condition     = var.limits.concurrent_jobs == null ? true : var.limits.concurrent_jobs >= 1 && floor(var.limits.concurrent_jobs) == var.limits.concurrent_jobs
    error_message = "The number of concurrent jobs must be a whole number from 1 on, or null for no limit."
  }

  validation {
    condition     = var.limits.monthly_budget == null ? true : var.limits.monthly_budget >= 0
    error_message = "The monthly budget must be 0 or more US dollars, or null for no limit."
  }

  validation {
    condition     = var.limits.link_seconds >= 60 && var.limits.link_seconds <= 43200
    error_message = "A link must last between 60 and 43200 seconds (12 hours): it expires with the credentials that signed it."
  }

  validation {
    condition     = var.limits.max_output_bytes >= 1048576 && var.limits.max_output_bytes <= 5368709120
    error_message = "The largest file must be between 1 MiB and 5 GiB: S3 takes 5 GiB in one upload, and /tmp holds twice as much."
  }

  validation {
    condition     = var.limits.max_outputs >= 1 && var.limits.max_outputs <= 256 && floor(var.limits.max_outputs) == var.limits.max_outputs
    error_message = "The number of stored files must be a whole number from 1 to 256: more would not fit with their derivatives into the job table's item of 400 KB."
  }
}

variable "api" {
  description = <<-EOT
    The public API. cors_origins: web origins whose pages may call it and read its links (none: CORS is disabled). domain: a custom domain, with your certificate or
    one created in the hosted zone. public_url: the address at which Replicate reaches the API if a proxy is in front of it. throttling: requests per second of
    all clients together. jwt: accept tokens of this OpenID issuer, issued for one of these audiences, instead of API keys; the user is the token's `sub`.
    callback_origins: origins allowed for callbacks besides public host names, such as http://127.0.0.1:8000; vsl-local only.
  EOT
  type = object({
    cors_origins = optional(list(string), [])
    public_url   = optional(string)

    callback_origins = optional(list(string), [])

    domain = optional(object({
      name            = string
      certificate_arn = optional(string)
      zone_id         = optional(string)
    }))
    throttling = optional(object({
      requests_per_second = optional(number, 100)
      burst               = optional(number, 200)
    }), {})
    jwt = optional(object({
      issuer   = string
      audience = list(string)
    }))
  })
  default = {}

  # Must equal the tokens' `iss` exactly, including a slash at the end.
  validation {
    condition     = var.api.jwt == null ? true : can(regex(var.prefix == "vsl-local" ? "^https?://[^ ?#]+$" : "^https://[^ ?#]+$", var.api.jwt.issuer))
    error_message = "The issuer must be the URL in the tokens' iss, with https:// (http:// only in vsl-local), such as https://login.example.com/."
  }

  validation {
    condition     = var.api.jwt == null ? true : length(var.api.jwt.audience) > 0 && alltrue([for name in var.api.jwt.audience : length(name) > 0])
    error_message = "Tokens need an audience, such as the API's own address: without one the API would accept every token of the issuer."
  }

  validation {
    condition     = alltrue([for origin in var.api.cors_origins : can(regex("^https?://[^/* ]+$", origin))])
    error_message = "A CORS origin must be a scheme and a host, such as https://app.example.com, without wildcard or path."
  }

  validation {
    condition     = alltrue([for origin in var.api.callback_origins : var.prefix == "vsl-local" && can(regex("^http://127[.]0[.]0[.]1:[0-9]+$", origin))])
    error_message = "Callbacks go to public host names over https. Origins of this machine, such as http://127.0.0.1:8000, are allowed in vsl-local only."
  }

  validation {
    condition     = var.api.public_url == null || can(regex(var.prefix == "vsl-local" ? "^https?://[^/ ]+(/[^ ]*[^/ ])?$" : "^https://[^/ ]+(/[^ ]*[^/ ])?$", var.api.public_url))
    error_message = "The public URL must begin with https:// (http:// only in vsl-local) and must not end with a slash."
  }

  validation {
    condition = var.api.domain == null ? true : (
      can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.api.domain.name)) &&
      (var.api.domain.certificate_arn != null || var.api.domain.zone_id != null)
    )
    error_message = "A domain must be a name such as api.example.com with a certificate_arn, a zone_id (a Route 53 zone in which records are created), or both."
  }

  validation {
    condition     = var.api.throttling.requests_per_second >= 1 && var.api.throttling.burst >= var.api.throttling.requests_per_second
    error_message = "Throttling must allow at least one request per second, and a burst not below that."
  }
}

variable "logs" {
  description = "level: lowest level that functions write. retention_days: how long all logs are kept."
  type = object({
    level          = optional(string, "INFO")
    retention_days = optional(number, 30)
  })
  default = {}

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.logs.level)
    error_message = "The log level must be DEBUG, INFO, WARNING or ERROR."
  }

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365], var.logs.retention_days)
    error_message = "The retention must be one that CloudWatch offers: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180 or 365 days."
  }
}

variable "alarm_topic_arn" {
  description = "SNS topic that is notified of every alarm; null: alarms are visible in the console only."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_topic_arn == null || can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+$", var.alarm_topic_arn))
    error_message = "The alarm topic must be the ARN of an SNS topic."
  }
}
