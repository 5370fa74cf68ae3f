variable "prefix" {
  description = "Name prefix of the environment, and name of the user the functions log in as."
  type        = string
}

variable "vpc_id" {
  description = "Network of the cache."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the cache; they need no way out. With replicas they lie in at least two zones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= min(2, 1 + var.replicas)
    error_message = "A replica lies in another zone, so the cache needs subnets in at least two."
  }
}

variable "client_security_group_id" {
  description = "Security group of the functions: the only ones let in."
  type        = string
}

variable "engine" {
  description = "valkey, or redis (up to 7.1, for a quarter more money)."
  type        = string

  validation {
    condition     = contains(["valkey", "redis"], var.engine)
    error_message = "The engine is valkey or redis."
  }
}

variable "engine_version" {
  description = "Version of the engine, major and minor; null = 8.1 of Valkey, 7.1 of Redis."
  type        = string
  default     = null

  validation {
    condition = (
      var.engine_version == null ? true :
      var.engine == "redis" ? contains(["7.0", "7.1"], var.engine_version) : can(regex("^(7\\.2|([89]|[1-9][0-9])\\.[0-9]+)$", var.engine_version))
    )
    error_message = "The version is 7.2 or later for valkey, 7.0 or 7.1 for redis, written as major and minor: earlier ones know no IAM."
  }
}

variable "node_type" {
  description = "Size of each node."
  type        = string

  validation {
    condition     = can(regex("^cache\\.[a-z0-9-]+\\.[a-z0-9]+$", var.node_type))
    error_message = "The node type is one of ElastiCache, such as cache.t4g.micro."
  }
}

variable "replicas" {
  description = "Copies in other zones, one of which takes over when the first node fails."
  type        = number

  validation {
    condition     = var.replicas >= 0 && var.replicas <= 5 && floor(var.replicas) == var.replicas
    error_message = "ElastiCache keeps 0 to 5 replicas."
  }
}

variable "log_retention_days" {
  description = "How long the cache's logs are kept."
  type        = number
}

variable "key_arn" {
  description = "Customer key for what is stored and logged; null = AWS's keys. For an existing cache a change of it means a new, empty one."
  type        = string
  default     = null
}
