variable "name" {
  description = "Full name of the bucket, unique in the world."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "A bucket's name has 3 to 63 lower-case letters, digits and dashes."
  }
}

variable "keep_days" {
  description = "Days after which an object goes; null keeps it for ever."
  type        = number
  default     = null

  validation {
    condition     = var.keep_days == null || coalesce(var.keep_days, 1) >= 1
    error_message = "Objects are kept for a day at least."
  }
}

variable "keep_old_versions_days" {
  description = "Days for which a replaced or deleted version can be had back."
  type        = number

  validation {
    condition     = var.keep_old_versions_days >= 1
    error_message = "Old versions are kept for a day at least."
  }
}

variable "tls_only" {
  description = "Refuse requests that do not come over TLS."
  type        = bool
  default     = true
}
