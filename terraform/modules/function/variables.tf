variable "platform" {
  description = "What all modules of the environment share, and the settings of all functions: key_arn (customer key of variables and logs), snap_start, tracing (X-Ray), permissions_boundary_arn (limit of the role), reserved_concurrency by folder name."
  type = object({
    prefix                   = string
    region                   = string
    account_id               = string
    artifact_bucket          = string
    architecture             = string
    log_level                = string
    log_retention_days       = number
    key_arn                  = optional(string)
    snap_start               = optional(bool, false)
    tracing                  = optional(bool, false)
    permissions_boundary_arn = optional(string)
    reserved_concurrency     = optional(map(number), {})
  })

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.platform.log_level)
    error_message = "The log level must be DEBUG, INFO, WARNING or ERROR."
  }
}

variable "name" {
  description = "Name without the prefix, in dashes: get-status is the folder get_status and the handler get_status.handler.lambda_handler."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+(-[a-z]+)*$", var.name))
    error_message = "A function's name must be lower-case words joined by dashes."
  }
}

variable "memory_mb" {
  description = "Memory; CPU grows with it (1769 MB = one vCPU)."
  type        = number
}

variable "timeout_seconds" {
  description = "Timeout of one invocation."
  type        = number

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 900
    error_message = "The timeout must be between 1 and 900 seconds, Lambda's limit."
  }
}

variable "temporary_storage_mb" {
  description = "Size of /tmp."
  type        = number
  default     = 512

  validation {
    condition     = var.temporary_storage_mb >= 512 && var.temporary_storage_mb <= 10240
    error_message = "The size of /tmp must be between 512 and 10240 MB."
  }
}

variable "package" {
  description = "Key of the zip in the artifact bucket. The key contains a hash of the content, so a new key means new code."
  type        = string
}

variable "layers" {
  description = "ARNs of layer versions, in the order in which they are unpacked."
  type        = list(string)
}

variable "environment" {
  description = "Environment variables, besides ENVIRONMENT (also the dimension of every metric) and LOG_LEVEL."
  type        = map(string)
}

variable "permissions" {
  description = "What the function's code may do, by statement id: the `allow` outputs of the stores it uses, merged."
  type = map(object({
    actions   = list(string)
    resources = list(string)
    condition = optional(map(map(list(string))))
  }))

  validation {
    condition     = alltrue([for sid in keys(var.permissions) : can(regex("^[A-Z][A-Za-z0-9]*$", sid))])
    error_message = "A statement id must be words without separators, such as ReadDatabaseUrl."
  }

  validation {
    condition     = alltrue([for p in values(var.permissions) : alltrue([for a in p.actions : !strcontains(a, "*")])])
    error_message = "Actions must be listed one by one, without wildcards."
  }
}

variable "network" {
  description = "Subnets and security groups of the function; null: outside a VPC, with internet access."
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  default = null

  validation {
    condition     = var.network == null || try(length(var.network.subnet_ids) > 0 && length(var.network.security_group_ids) > 0, false)
    error_message = "A function in a VPC needs at least one subnet and one security group."
  }
}
