variable "prefix" {
  description = "Name prefix of the environment."
  type        = string
}

variable "region" {
  description = "AWS region: names the root certificates the functions trust."
  type        = string
}

variable "disposable" {
  description = "Let `destroy` delete the database with its backups and without a last snapshot; apply changes at once."
  type        = bool
}

variable "vpc_id" {
  description = "Network of the database."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the database and its proxy, in at least two zones; they need no way out."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "RDS wants subnets in at least two zones, also for a database in one of them."
  }
}

variable "client_security_group_id" {
  description = "Security group of the functions: the only ones let in."
  type        = string
}

variable "engine_version" {
  description = "Major version of PostgreSQL."
  type        = string

  validation {
    condition     = can(regex("^(1[5-9]|[2-9][0-9])$", var.engine_version))
    error_message = "The engine version is a major version of PostgreSQL from 15 on, such as 17; RDS chooses the minor version and renews it."
  }
}

variable "instance_class" {
  description = "Size of the instance."
  type        = string

  validation {
    condition     = can(regex("^db\\.[a-z0-9-]+\\.[a-z0-9]+$", var.instance_class))
    error_message = "The instance class is one of RDS, such as db.t4g.small."
  }
}

variable "storage_gb" {
  description = "Storage to begin with, in GB; it grows by itself and never shrinks."
  type        = number

  validation {
    condition     = var.storage_gb >= 20 && floor(var.storage_gb) == var.storage_gb
    error_message = "The storage is a whole number of GB, at least 20 (RDS's minimum for gp3)."
  }
}

variable "max_storage_gb" {
  description = "How far the storage may grow, in GB."
  type        = number

  validation {
    condition     = var.max_storage_gb >= 1.1 * var.storage_gb && var.max_storage_gb <= 65536 && floor(var.max_storage_gb) == var.max_storage_gb
    error_message = "The storage must be free to grow by at least a tenth (RDS insists), in whole GB, up to 65536."
  }
}

variable "multi_az" {
  description = "Keep a second instance in another zone that takes over when the first one fails."
  type        = bool
}

variable "proxy" {
  description = "Put RDS Proxy between the functions and the instance."
  type        = bool
}

variable "log_retention_days" {
  description = "How long the database's logs are kept."
  type        = number
}

variable "key_arn" {
  description = "Customer key for storage, backups, metrics, logs and logins; null = AWS's keys. For an existing database a change of it means a new, empty one."
  type        = string
  default     = null
}

variable "permissions_boundary_arn" {
  description = "Managed policy that limits what the module's roles may do; null: none."
  type        = string
  default     = null
}
