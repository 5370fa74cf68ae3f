variable "name" {
  description = "Full name of the bucket, unique in the world; begins with the environment's prefix."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "A bucket's name has 3 to 63 lower-case letters, digits and dashes."
  }
}

variable "keep" {
  description = "For how many days. old_versions_days: what was replaced or deleted. days: every object (null: for ever). days_by_prefix: what lies under a prefix, such as { \"temp/\" = 1 }."
  type = object({
    old_versions_days = number
    days              = optional(number)
    days_by_prefix    = optional(map(number), {})
  })

  validation {
    condition     = alltrue([for days in concat([var.keep.old_versions_days], var.keep.days[*], values(var.keep.days_by_prefix)) : days >= 1 && floor(days) == days])
    error_message = "Objects and old versions are kept for a whole number of days, one at least."
  }

  validation {
    condition     = alltrue([for prefix in keys(var.keep.days_by_prefix) : endswith(prefix, "/")])
    error_message = "A prefix ends with a slash, such as temp/."
  }
}

variable "intelligent_tiering" {
  description = "Move objects to Intelligent-Tiering: what nobody reads for a month becomes cheaper by itself."
  type        = bool
  default     = false
}

variable "media_folders" {
  description = "Folders of finished media: all that `allow` lets functions read and write."
  type        = list(string)
  default     = []
}

variable "cors_origins" {
  description = "Web pages whose scripts may read objects by signed links (none: CORS is off)."
  type        = list(string)
  default     = []
}

variable "replica" {
  description = "Bucket of another region that gets a copy of every new object; null: none. key_arn: a customer key of that region, needed where this bucket has one."
  type = object({
    bucket_arn = string
    key_arn    = optional(string)
  })
  default = null

  validation {
    condition     = var.replica == null || var.key_arn == null || try(var.replica.key_arn, null) != null
    error_message = "What is encrypted with a customer key is copied only if the replica has a customer key of its own region."
  }
}

variable "key_arn" {
  description = "Customer KMS key that encrypts the objects; null: AES-256 with keys of S3, free."
  type        = string
  default     = null
}

variable "disposable" {
  description = "Let `destroy` delete the bucket with all that is in it."
  type        = bool
  default     = false
}

variable "tls_only" {
  description = "Refuse requests that do not come over TLS."
  type        = bool
  default     = true
}

variable "permissions_boundary_arn" {
  description = "Managed policy that limits what the module's role may do; null: none."
  type        = string
  default     = null
}
