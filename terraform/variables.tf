# --- the environment

variable "prefix" {
  description = "Begins every name: vsl-<environment>. vsl-local is the one that runs on an emulator instead of AWS."
  type        = string

  validation {
    condition     = can(regex("^vsl-[a-z][a-z0-9]{1,15}$", var.prefix))
    error_message = "The prefix is vsl- and the environment's name in lower-case letters and digits, such as vsl-homolog."
  }
}

variable "region" {
  description = "AWS region of everything."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "The region is an AWS region code, such as us-east-1."
  }
}

variable "disposable" {
  description = "Whether `destroy` may delete the environment with all its data."
  type        = bool
  default     = false

  validation {
    condition     = !var.disposable || contains(["vsl-local", "vsl-dev"], var.prefix)
    error_message = "Only vsl-local and vsl-dev may be disposable."
  }
}

variable "permissions_boundary" {
  description = "Limit of what any role may do. {}: the policy made by the bootstrap; arn: one that your organisation requires; null: none, for an account that was not bootstrapped."
  type = object({
    arn = optional(string)
  })
  default = {}

  validation {
    condition     = can(regex("^arn:aws:iam::[0-9]{12}:policy/[A-Za-z0-9+=,.@_/-]+$", try(coalesce(var.permissions_boundary.arn), "arn:aws:iam::000000000000:policy/x")))
    error_message = "The permissions boundary is the ARN of a managed policy, such as arn:aws:iam::123456789012:policy/boundary."
  }
}

# --- what runs (written by `make upload`)

variable "architecture" {
  description = "Instruction set of the functions: arm64 on AWS, that of the machine on an emulator."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The architecture is arm64 or x86_64."
  }
}

variable "artifact_bucket" {
  description = "Bucket that holds the zips of functions and layers."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.artifact_bucket))
    error_message = "The artifact bucket is the name of an S3 bucket, without s3://."
  }
}

variable "packages" {
  description = "Key of each function's zip in the artifact bucket, by the function's folder name."
  type        = map(string)

  validation {
    condition     = alltrue([for path in fileset("${path.module}/../lambdas", "*/handler.py") : contains(keys(var.packages), dirname(path))])
    error_message = "A function has no zip: run `make upload`, which writes packages.auto.tfvars.json."
  }

  validation {
    condition     = alltrue([for key in values(var.packages) : endswith(key, ".zip")])
    error_message = "A package is the key of a .zip in the artifact bucket."
  }
}

variable "layers" {
  description = "Key of each layer's zip in the artifact bucket: shared, ffmpeg."
  type        = map(string)

  validation {
    condition     = length(setsubtract(["shared", "ffmpeg"], keys(var.layers))) == 0
    error_message = "A layer has no zip: run `make upload`, which writes packages.auto.tfvars.json."
  }

  validation {
    condition     = alltrue([for key in values(var.layers) : endswith(key, ".zip")])
    error_message = "A layer is the key of a .zip in the artifact bucket."
  }
}

# --- where things are: null means "brought along" or "none"

variable "network" {
  description = <<-EOT
    The private network of the functions and stores; null: the functions run outside any (vsl-local).
    redundant: a NAT gateway and the endpoints in every zone instead of in the first. endpoints: AWS services reached without the internet.
    existing: your own VPC; its function subnets must have a way to the internet, its data subnets lie in two zones at least. peers: your own database and Redis
    as the functions reach them, such as { database = { cidr = "10.0.0.0/16", port = 5432 } }.
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
    error_message = "The network is a CIDR block such as 10.40.0.0/16 over 2 or 3 zones."
  }

  validation {
    condition     = var.network == null ? true : length(setsubtract(var.network.endpoints, ["ssm", "secretsmanager", "sqs"])) == 0
    error_message = "Endpoints are ssm, secretsmanager and sqs; the functions call nothing else there is one for (S3 and DynamoDB have gateways)."
  }

  validation {
    condition = try(var.network.existing, null) == null ? true : (
      startswith(var.network.existing.vpc_id, "vpc-") &&
      length(var.network.existing.function_subnet_ids) > 0 &&
      alltrue([for id in concat(var.network.existing.function_subnet_ids, var.network.existing.data_subnet_ids) : startswith(id, "subnet-")])
    )
    error_message = "An existing network is the id of a VPC (vpc-...) and of subnets in it (subnet-...), one for functions at least."
  }
}

variable "database" {
  description = "The PostgreSQL to create on RDS; null: yours, at database_url. proxy: an RDS Proxy between functions and instance."
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
    error_message = "A database is created in a network's data subnets, two at least: give `network` (with `existing.data_subnet_ids`), or bring your own with `database = null`."
  }

  # RDS signs its certificates with a root of its own in each region; the functions trust those in the shared layer.
  validation {
    condition     = var.database == null || fileexists("${path.module}/../layers/shared/rds/${var.region}.pem")
    error_message = "The shared layer has no RDS root certificate for this region: layers/shared/rds/README.md says how to add it."
  }
}

variable "cache" {
  description = "The Redis or Valkey to create on ElastiCache; null: yours, at redis_url. replicas: copies that take over when the first one fails."
  type = object({
    engine         = optional(string, "valkey")
    engine_version = optional(string) # null: the newest there is a parameter group for
    node_type      = optional(string, "cache.t4g.micro")
    replicas       = optional(number, 0)
  })
  default = {}

  validation {
    condition     = var.cache == null || local.has_data_subnets
    error_message = "A cache is created in a network's data subnets, two at least: give `network` (with `existing.data_subnet_ids`), or bring your own with `cache = null`."
  }
}

variable "database_url" {
  description = "Your own PostgreSQL: postgresql://user[:password]@host[:port]/database. Ephemeral: in no plan and no state."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = var.database == null ? can(regex("^postgres(ql)?://[^@/ ]+@[^/ ]+/[^ ]+$", var.database_url)) : try(length(var.database_url), 0) == 0
    error_message = "With `database = null` the database URL is postgresql://user@host:port/database; otherwise there is none to give, because the database is created."
  }
}

variable "owner_database_url" {
  description = "The same database for the migrations, as the owner of the schema; database_url unless given. Ephemeral."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = try(length(var.owner_database_url), 0) == 0 || (var.database == null && can(regex("^postgres(ql)?://[^@/ ]+@[^/ ]+/[^ ]+$", var.owner_database_url)))
    error_message = "The owner's URL is postgresql://user@host:port/database, and is given with `database = null` only."
  }
}

variable "redis_url" {
  description = "Your own Redis: redis://host:port/number, rediss:// for TLS. Ephemeral: in no plan and no state."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = var.cache == null ? can(regex("^rediss?://[^/? ]+(/[0-9]*)?([?](iam|sslrootcert)=[^& ]+(&(iam|sslrootcert)=[^& ]+)?)?$", var.redis_url)) : try(length(var.redis_url), 0) == 0
    error_message = "With `cache = null` the Redis URL is redis://host:port/number, rediss:// for TLS, or rediss://user@host:port/number?iam=<cache> for IAM; otherwise there is none to give, because the cache is created."
  }
}

variable "connection_version" {
  description = "Raise it to write a changed URL of your own database or Redis: Terraform does not keep them, so it cannot see the change."
  type        = number
  default     = 1

  validation {
    condition     = var.connection_version >= 1 && floor(var.connection_version) == var.connection_version
    error_message = "The connection version is a whole number from 1 on."
  }
}

variable "job_table" {
  description = "The table of live jobs is billed by use; with `capacity` it is provisioned between these bounds instead (units per second, table and each index)."
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
    error_message = "Capacities are whole numbers from 1 on, min not above max."
  }
}

variable "media_bucket" {
  description = "name: full name of the bucket instead of <prefix>-media-<account id>; the copy is then named <name>-replica. replica_region: another region into which all media are copied."
  type = object({
    name           = optional(string)
    replica_region = optional(string)
  })
  default = {}

  # 52 characters: the role that copies to the replica is named after the bucket, and IAM allows 64.
  validation {
    condition     = var.media_bucket.name == null || (can(regex("^${var.prefix}-media(-[a-z0-9]+)*$", var.media_bucket.name)) && length(coalesce(var.media_bucket.name, "-")) <= 52)
    error_message = "The bucket's name begins with <prefix>-media, the names that the bootstrap's roles may use, and has at most 52 lower-case letters, digits and dashes."
  }

  validation {
    condition     = var.media_bucket.replica_region == null || (can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.media_bucket.replica_region)) && var.media_bucket.replica_region != var.region)
    error_message = "The replica's region is an AWS region code other than the environment's own."
  }
}

variable "customer_key" {
  description = "Encrypt everything with a KMS key of your account instead of AWS's own keys: you see and can end every use, for a price."
  type        = bool
  default     = false
}

# --- how functions run

variable "functions" {
  description = <<-EOT
    snap_start: start from a snapshot (billed per version). tracing: X-Ray. reserved_concurrency: containers set aside, by folder name, which are also the most
    a function gets. queue_concurrency: messages worked on at the same time.
  EOT
  type = object({
    snap_start           = optional(bool, false)
    tracing              = optional(bool, false)
    reserved_concurrency = optional(map(number), {})
    queue_concurrency = optional(object({
      submissions = optional(number, 5) # what waits here waits because Replicate asked for less
      webhooks    = optional(number, 20)
      callbacks   = optional(number, 10) # a slow receiver holds one for ten seconds
    }), {})
  })
  default = {}

  validation {
    condition     = length(setsubtract(keys(var.functions.reserved_concurrency), keys(var.packages))) == 0
    error_message = "Concurrency is reserved by a function's folder name, such as generate_media."
  }

  validation {
    condition = (
      lookup(var.functions.reserved_concurrency, "submit_job", 1000) >= var.functions.queue_concurrency.submissions &&
      lookup(var.functions.reserved_concurrency, "process_webhook", 1000) >= var.functions.queue_concurrency.webhooks &&
      lookup(var.functions.reserved_concurrency, "deliver_callback", 1000) >= var.functions.queue_concurrency.callbacks
    )
    error_message = "A queue may not hand over more messages at a time than its function (submit_job, process_webhook, deliver_callback) has containers reserved: they would be throttled into the dead letters."
  }
}

# --- Replicate

variable "replicate" {
  description = <<-EOT
    Replicate's API, and the hosts that results may be downloaded from, their subdomains included (in vsl-local also full origins, such as http://127.0.0.1:4010).
    creates_per_minute: how many jobs all users together have sent there in a minute; Replicate takes 600, and 6 of an account with little credit.
  EOT
  type = object({
    base_url           = optional(string, "https://api.replicate.com/v1")
    output_hosts       = optional(list(string), ["replicate.delivery"])
    creates_per_minute = optional(number, 500)
  })
  default = {}

  validation {
    condition     = can(regex(var.prefix == "vsl-local" ? "^https?://[^/ ]+(/[^ ]*[^/ ])?$" : "^https://[^/ ]+(/[^ ]*[^/ ])?$", var.replicate.base_url))
    error_message = "Replicate's URL begins with https:// (http:// only in vsl-local) and does not end with a slash."
  }

  validation {
    condition = alltrue([for host in var.replicate.output_hosts :
      can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", host)) ||
      (var.prefix == "vsl-local" && can(regex("^https?://[A-Za-z0-9.-]+:[0-9]+$", host)))
    ])
    error_message = "An output host is a host name such as replicate.delivery; a full origin is for vsl-local only."
  }

  validation {
    condition     = var.replicate.creates_per_minute >= 1 && var.replicate.creates_per_minute <= 60000 && floor(var.replicate.creates_per_minute) == var.replicate.creates_per_minute
    error_message = "Jobs are sent at a whole number a minute from 1 on, 60000 at most."
  }
}

# --- limits, edge, logs

variable "limits" {
  description = <<-EOT
    rate_per_hour: generations a user may start in an hour. concurrent_jobs: those that may run at a time. monthly_budget: what they may cost in a calendar month
    (UTC), in US dollars. A user may have others (`make limits`); null: no limit. link_seconds: how long a signed link works. max_output_bytes: largest file
    taken over. max_outputs: files of one result that are stored; the others are listed in the job's `leftOut`. failures_per_address: wrong API keys, and webhooks
    with wrong signatures, looked at from one address in five minutes. waiting_requests: requests of one user that wait for a job (`?wait=`) at the same time;
    each takes one concurrent execution, further ones are answered at once.
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
    error_message = "Failures are a whole number from 1 on: with none, no first try of a right key would be looked at."
  }

  validation {
    condition     = var.limits.waiting_requests >= 1 && var.limits.waiting_requests <= 100 && floor(var.limits.waiting_requests) == var.limits.waiting_requests
    error_message = "The number of waiting requests is a whole number from 1 to 100."
  }

  validation {
    condition     = var.limits.rate_per_hour >= 1 && floor(var.limits.rate_per_hour) == var.limits.rate_per_hour
    error_message = "The rate is a whole number from 1 on."
  }

  validation {
    condition     = var.limits.concurrent_jobs == null ? true : var.limits.concurrent_jobs >= 1 && floor(var.limits.concurrent_jobs) == var.limits.concurrent_jobs
    error_message = "The number of concurrent jobs is a whole number from 1 on, or null for no limit."
  }

  validation {
    condition     = var.limits.monthly_budget == null ? true : var.limits.monthly_budget >= 0
    error_message = "The monthly budget is in US dollars, from 0 on, or null for no limit."
  }

  validation {
    condition     = var.limits.link_seconds >= 60 && var.limits.link_seconds <= 43200
    error_message = "A link works between a minute and 12 hours: it ends with the credentials that signed it."
  }

  validation {
    condition     = var.limits.max_output_bytes >= 1048576 && var.limits.max_output_bytes <= 5368709120
    error_message = "The largest file is between 1 MiB and 5 GiB, which S3 takes in one piece and /tmp holds twice."
  }

  validation {
    condition     = var.limits.max_outputs >= 1 && var.limits.max_outputs <= 256 && floor(var.limits.max_outputs) == var.limits.max_outputs
    error_message = "The number of stored files is a whole number from 1 to 256: with their derivatives they fit in the 400 KB of the job table's item."
  }
}

variable "api" {
  description = <<-EOT
    The public edge. cors_origins: web pages that may call it and read its links (none: CORS is off). domain: an own name instead of AWS's, with a certificate of yours or one made
    in the hosted zone. public_url: where Replicate reaches the API if something stands before it. throttling: requests per second of all clients together.
    jwt: tokens of this OpenID issuer, made for one of these audiences, instead of API keys; the user is the token's `sub`.
    callback_origins: for vsl-local only, where callbacks may go besides public names, such as http://127.0.0.1:8000.
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

  # As the tokens have it, character by character: a slash at the end is part of it.
  validation {
    condition     = var.api.jwt == null ? true : can(regex(var.prefix == "vsl-local" ? "^https?://[^ ?#]+$" : "^https://[^ ?#]+$", var.api.jwt.issuer))
    error_message = "The issuer is the URL in the tokens' iss, with https:// (http:// only in vsl-local), such as https://login.example.com/."
  }

  validation {
    condition     = var.api.jwt == null ? true : length(var.api.jwt.audience) > 0 && alltrue([for name in var.api.jwt.audience : length(name) > 0])
    error_message = "Tokens need an audience, such as the API's own address: without one every token of the issuer would do."
  }

  validation {
    condition     = alltrue([for origin in var.api.cors_origins : can(regex("^https?://[^/* ]+$", origin))])
    error_message = "A CORS origin is a scheme and a host, such as https://app.example.com, without wildcard or path."
  }

  validation {
    condition     = alltrue([for origin in var.api.callback_origins : var.prefix == "vsl-local" && can(regex("^http://127[.]0[.]0[.]1:[0-9]+$", origin))])
    error_message = "Callbacks go to public names over https; origins of the machine itself, such as http://127.0.0.1:8000, are for vsl-local only."
  }

  validation {
    condition     = var.api.public_url == null || can(regex(var.prefix == "vsl-local" ? "^https?://[^/ ]+(/[^ ]*[^/ ])?$" : "^https://[^/ ]+(/[^ ]*[^/ ])?$", var.api.public_url))
    error_message = "The public URL begins with https:// (http:// only in vsl-local) and does not end with a slash."
  }

  validation {
    condition = var.api.domain == null ? true : (
      can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.api.domain.name)) &&
      (var.api.domain.certificate_arn != null || var.api.domain.zone_id != null)
    )
    error_message = "A domain is a name such as api.example.com with a certificate_arn, a zone_id (a Route 53 zone in which records are made), or both."
  }

  validation {
    condition     = var.api.throttling.requests_per_second >= 1 && var.api.throttling.burst >= var.api.throttling.requests_per_second
    error_message = "Throttling allows one request per second at least, and a burst not below that."
  }
}

variable "logs" {
  description = "level: the least severe that functions write. retention_days: how long all logs are kept."
  type = object({
    level          = optional(string, "INFO")
    retention_days = optional(number, 30)
  })
  default = {}

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.logs.level)
    error_message = "The log level is DEBUG, INFO, WARNING or ERROR."
  }

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365], var.logs.retention_days)
    error_message = "CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180 or 365 days."
  }
}

variable "alarm_topic_arn" {
  description = "SNS topic that hears of every alarm; null: alarms are only seen in the console."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_topic_arn == null || can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+$", var.alarm_topic_arn))
    error_message = "The alarm topic is the ARN of an SNS topic."
  }
}
