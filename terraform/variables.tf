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
    condition = length(setsubtract([
      "authorize", "generate_media", "submit_job", "receive_webhook", "process_webhook", "get_status",
      "check_replicate_status", "apply_migrations", "manage_access",
    ], keys(var.packages))) == 0
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

# --- where the data is

variable "database_url" {
  description = "PostgreSQL: postgresql://user[:password]@host[:port]/database. Ephemeral: in no plan and no state."
  type        = string
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = can(regex("^postgres(ql)?://[^@/ ]+@[^/ ]+/[^ ]+$", var.database_url))
    error_message = "The database URL is postgresql://user@host:port/database."
  }
}

variable "redis_url" {
  description = "Redis: redis://host:port/number, rediss:// for TLS. Ephemeral: in no plan and no state."
  type        = string
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = can(regex("^rediss?://[^/? ]+(/[0-9]*)?([?]iam=[a-z0-9-]+)?$", var.redis_url))
    error_message = "The Redis URL is redis://host:port/number, rediss:// for TLS, or rediss://user@host:port/number?iam=<cache> for IAM."
  }
}

variable "connection_version" {
  description = "Raise it to write a changed database or Redis URL: Terraform does not keep them, so it cannot see the change."
  type        = number
  default     = 1

  validation {
    condition     = var.connection_version >= 1 && floor(var.connection_version) == var.connection_version
    error_message = "The connection version is a whole number from 1 on."
  }
}

# --- Replicate

variable "models" {
  description = "The catalogue: media type => model id => {version, pricing, estimatedTime, supportedParams, and optionally inputSchema, defaults, deadlineSeconds}."
  type        = any # a schema differs in type from model to model, which no map(object) can hold

  default = {
    video = {
      stability-video = {
        version         = "stability-ai/stable-video-diffusion"
        pricing         = 0.05
        estimatedTime   = 60
        supportedParams = ["input_image", "motion_bucket_id", "fps", "num_frames"]
      }
    }
    image = {
      flux-schnell = {
        version         = "black-forest-labs/flux-schnell"
        pricing         = 0.003
        estimatedTime   = 5
        supportedParams = ["prompt", "aspect_ratio", "num_outputs", "seed", "output_format", "output_quality"]
        inputSchema = {
          required = ["prompt"]
          properties = {
            prompt         = { type = "string", minLength = 1 }
            aspect_ratio   = { enum = ["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3"] }
            num_outputs    = { type = "integer", minimum = 1, maximum = 4 }
            seed           = { type = "integer" }
            output_format  = { enum = ["webp", "jpg", "png"] }
            output_quality = { type = "integer", minimum = 0, maximum = 100 }
          }
        }
      }
    }
    audio = {
      musicgen = {
        version         = "meta/musicgen"
        pricing         = 0.07
        estimatedTime   = 45
        supportedParams = ["prompt", "model_version", "duration", "temperature", "output_format", "seed"]
        inputSchema = {
          required = ["prompt"]
          properties = {
            prompt        = { type = "string", minLength = 1 }
            model_version = { enum = ["stereo-large", "stereo-melody-large", "large", "melody-large"] }
            duration      = { type = "integer", minimum = 1, maximum = 30 }
            temperature   = { type = "number", minimum = 0 }
            output_format = { enum = ["wav", "mp3"] }
            seed          = { type = "integer" }
          }
        }
      }
    }
  }

  validation {
    condition     = can(keys(var.models)) && try(length(setsubtract(keys(var.models), ["video", "image", "audio"])), 1) == 0
    error_message = "The media types are video, image and audio."
  }

  validation {
    condition = try(alltrue(flatten([for type, models in var.models : [for id, model in models :
      can(regex("^([a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._-]*|[0-9a-f]{64})$", model.version))
    ]])), false)
    error_message = "The version of a model is owner/name, or the 64 hexadecimal digits of one version."
  }

  validation {
    condition = try(alltrue(flatten([for type, models in var.models : [for id, model in models :
      model.pricing >= 0 && model.estimatedTime > 0 && can([for name in model.supportedParams : regex("^[A-Za-z0-9_]+$", name)])
    ]])), false)
    error_message = "A model has pricing (dollars, 0 or more), estimatedTime (seconds, more than 0) and supportedParams (a list of names)."
  }

  validation {
    condition = try(alltrue(flatten([for type, models in var.models : [for id, model in models :
      length(setsubtract(keys(model), ["version", "pricing", "estimatedTime", "supportedParams", "inputSchema", "defaults", "deadlineSeconds"])) == 0
    ]])), false)
    error_message = "A model has version, pricing, estimatedTime, supportedParams, and optionally inputSchema, defaults, deadlineSeconds; nothing else."
  }

  # Measured as Lambda does: as JSON text inside JSON text. It leaves 1 KB to the other variables.
  validation {
    condition     = length(base64encode(jsonencode({ MODELS = jsonencode(var.models) }))) * 3 / 4 <= 3072
    error_message = "The models take more than 3072 of the 4096 bytes Lambda allows for all environment variables: shorten them, or move entries to the table model_configurations."
  }
}

variable "replicate_base_url" {
  description = "Replicate's API."
  type        = string
  default     = "https://api.replicate.com/v1"

  validation {
    condition     = can(regex(var.prefix == "vsl-local" ? "^https?://[^/ ]+(/[^ ]*[^/ ])?$" : "^https://[^/ ]+(/[^ ]*[^/ ])?$", var.replicate_base_url))
    error_message = "Replicate's URL begins with https:// (http:// only in vsl-local) and does not end with a slash."
  }
}

variable "public_api_url" {
  description = "Address under which Replicate reaches the API; the API's own unless set."
  type        = string
  default     = null

  validation {
    condition     = var.public_api_url == null || can(regex(var.prefix == "vsl-local" ? "^https?://[^/ ]+(/[^ ]*[^/ ])?$" : "^https://[^/ ]+(/[^ ]*[^/ ])?$", var.public_api_url))
    error_message = "The public URL begins with https:// (http:// only in vsl-local) and does not end with a slash."
  }
}

variable "allowed_output_hosts" {
  description = "Hosts that results may be downloaded from, their subdomains included. In vsl-local also full origins, such as http://127.0.0.1:4010."
  type        = list(string)
  default     = ["replicate.delivery"]

  validation {
    condition = alltrue([for host in var.allowed_output_hosts :
      can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", host)) ||
      (var.prefix == "vsl-local" && can(regex("^https?://[A-Za-z0-9.-]+:[0-9]+$", host)))
    ])
    error_message = "An output host is a host name such as replicate.delivery; a full origin is for vsl-local only."
  }
}

# --- limits

variable "max_output_bytes" {
  description = "Largest file taken over from Replicate."
  type        = number
  default     = 524288000

  validation {
    condition     = var.max_output_bytes >= 1048576 && var.max_output_bytes <= 5368709120
    error_message = "Between 1 MiB and 5 GiB, the largest file S3 takes in one piece and /tmp holds twice."
  }
}

variable "rate_limit_per_hour" {
  description = "Generations one user may start in an hour."
  type        = number
  default     = 100

  validation {
    condition     = var.rate_limit_per_hour >= 1 && floor(var.rate_limit_per_hour) == var.rate_limit_per_hour
    error_message = "The limit is a whole number from 1 on."
  }
}

variable "link_seconds" {
  description = "How long a signed link to a file works."
  type        = number
  default     = 900

  validation {
    condition     = var.link_seconds >= 60 && var.link_seconds <= 43200
    error_message = "Between a minute and 12 hours: a link ends with the credentials that signed it."
  }
}

# --- edge and logs

variable "api" {
  description = "The public edge: web origins that may call it from a page (none: CORS is off)."
  type = object({
    cors_origins = optional(list(string), [])
  })
  default = {}

  validation {
    condition     = alltrue([for origin in var.api.cors_origins : can(regex("^https?://[^/* ]+$", origin))])
    error_message = "A CORS origin is a scheme and a host, such as https://app.example.com, without wildcard or path."
  }
}

variable "log_level" {
  description = "Least severe level the functions log."
  type        = string
  default     = "INFO"

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.log_level)
    error_message = "The log level is DEBUG, INFO, WARNING or ERROR."
  }
}

variable "log_retention_days" {
  description = "How long all logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365], var.log_retention_days)
    error_message = "CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180 or 365 days."
  }
}
