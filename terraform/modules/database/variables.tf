variable "platform" {
  description = "What all modules of the environment share: the name prefix; region and account; disposable (`destroy` deletes the database with its backups and without a final snapshot, changes apply at once); how long logs are kept; the customer KMS key of storage, backups, metrics, logs and logins (null: AWS's keys; a change replaces the database by an empty one); the permissions boundary of roles."
  type = object({
    prefix                   = string
    region                   = string
    account_id               = string
    disposable               = optional(bool, false)
    log_retention_days       = number
    key_arn                  = optional(string)
    permissions_boundary_arn = optional(string)
  })
}

variable "network" {
  description = "Where the database and its proxy are: a VPC, and subnets in at least two zones, which need no route out. client_security_group_id: the functions, the only ones let in."
  type = object({
    vpc_id                   = string
    subnet_ids               = list(string)
    client_security_group_id = string
  })

  validation {
    condition     = length(var.network.subnet_ids) >= 2
    error_message = "RDS needs subnets in at least two zones, even for a database in one zone."
  }
}

variable "instance" {
  description = "The PostgreSQL instance. engine_version: the major version. storage_gb: storage at the start, which grows up to max_storage_gb and never shrinks. multi_az: a standby in another zone takes over when the first instance fails."
  type = object({
    engine_version = string
    instance_class = string
    storage_gb     = number
    max_storage_gb = number
    multi_az       = bool
  })

  validation {
    condition     = can(regex("^(1[5-9]|[2-9][0-9])$", var.instance.engine_version))
    error_message = "The engine version must be a major version of PostgreSQL from 15 on, such as 17. RDS chooses the minor version and updates it."
  }

  validation {
    condition     = can(regex("^db\\.[a-z0-9-]+\\.[a-z0-9]+$", var.instance.instance_class))
    error_message = "The instance class must be one of RDS, such as db.t4g.small."
  }

  validation {
    condition     = var.instance.storage_gb >= 20 && floor(var.instance.storage_gb) == var.instance.storage_gb
    error_message = "The storage must be a whole number of GB, at least 20 (RDS's minimum for gp3)."
  }

  validation {
    condition     = var.instance.max_storage_gb >= 1.1 * var.instance.storage_gb && var.instance.max_storage_gb <= 65536 && floor(var.instance.max_storage_gb) == var.instance.max_storage_gb
    error_message = "The storage must be able to grow by at least a tenth (RDS's minimum), in whole GB, up to 65536."
  }
}

variable "proxy" {
  description = "Create an RDS Proxy between the functions and the instance."
  type        = bool
}
