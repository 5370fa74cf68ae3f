variable "platform" {
  description = "What all modules of the environment share: disposable (`destroy` deletes the bucket with its objects), tls_only (reject requests without TLS), the customer KMS key of the objects (null: AES-256 with keys of S3, free), and the permissions boundary of the replication role."
  type = object({
    disposable               = optional(bool, false)
    tls_only                 = optional(bool, true)
    key_arn                  = optional(string)
    permissions_boundary_arn = optional(string)
  })
}

variable "name" {
  description = "Full name of the bucket, globally unique; begins with the environment's prefix."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "A bucket's name must have 3 to 63 lower-case letters, digits and dashes."
  }
}

variable "keep" {
  description = "Retention in days. old_versions_days: replaced and deleted versions. days: every object (null: for ever). days_by_prefix: objects below a prefix, such as { \"temp/\" = 1 }."
  type = object({
    old_versions_days = number
    days              = optional(number)
    days_by_prefix    = optional(map(number), {})
  })

  validation {
    condition     = alltrue([for days in concat([var.keep.old_versions_days], var.keep.days[*], values(var.keep.days_by_prefix)) : days >= 1 && floor(days) == days])
    error_message = "Retention must be a whole number of days, at least 1."
  }

  validation {
    condition     = alltrue([for prefix in keys(var.keep.days_by_prefix) : endswith(prefix, "/")])
    error_message = "A prefix must end with a slash, such as temp/."
  }
}

variable "intelligent_tiering" {
  description = "Move objects to Intelligent-Tiering, which makes objects cheaper that are not read for a month."
  type        = bool
  default     = false
}

variable "media_folders" {
  description = "Folders of finished media: `allow` covers only these."
  type        = list(string)
  default     = []
}

variable "cors_origins" {
  description = "Web origins whose scripts may read objects by signed links (none: CORS is disabled)."
  type        = list(string)
  default     = []
}

variable "replica" {
  description = "Bucket of another region that gets a copy of every new object; null: none. key_arn: a customer key of that region, required if this bucket has one."
  type = object({
    bucket_arn = string
    key_arn    = optional(string)
  })
  default = null

  validation {
    condition     = var.replica == null || var.platform.key_arn == null || try(var.replica.key_arn, null) != null
    error_message = "The replica needs a customer key of its own region, because this bucket's objects are encrypted with one."
  }
}
