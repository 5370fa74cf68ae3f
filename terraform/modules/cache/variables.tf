variable "platform" {
  description = "What all modules of the environment share: the name prefix, which is also the name of the functions' user, how long logs are kept, and the customer KMS key of data and logs (null: AWS's keys; a change replaces the cache by an empty one)."
  type = object({
    prefix             = string
    log_retention_days = number
    key_arn            = optional(string)
  })
}

variable "network" {
  description = "Where the cache is: a VPC, and subnets, which need no route out. client_security_group_id: the functions, the only ones let in."
  type = object({
    vpc_id                   = string
    subnet_ids               = list(string)
    client_security_group_id = string
  })

  validation {
    condition     = length(var.network.subnet_ids) >= min(2, 1 + var.nodes.replicas)
    error_message = "A replica is in another zone, so the cache needs subnets in at least two."
  }
}

variable "nodes" {
  description = "The nodes of the cache. engine: valkey, or redis (up to 7.1, a quarter more expensive). engine_version: major and minor; null: 8.1 of Valkey, 7.1 of Redis. replicas: copies in other zones, one of which takes over when the first node fails."
  type = object({
    engine         = string
    engine_version = optional(string)
    node_type      = string
    replicas       = number
  })

  validation {
    condition     = contains(["valkey", "redis"], var.nodes.engine)
    error_message = "The engine must be valkey or redis."
  }

  validation {
    condition = (
      var.nodes.engine_version == null ? true :
      var.nodes.engine == "redis" ? contains(["7.0", "7.1"], var.nodes.engine_version) : can(regex("^(7\\.2|([89]|[1-9][0-9])\\.[0-9]+)$", var.nodes.engine_version))
    )
    error_message = "The version must be 7.2 or later for valkey, 7.0 or 7.1 for redis, as major and minor. Earlier versions do not support IAM."
  }

  validation {
    condition     = can(regex("^cache\\.[a-z0-9-]+\\.[a-z0-9]+$", var.nodes.node_type))
    error_message = "The node type must be one of ElastiCache, such as cache.t4g.micro."
  }

  validation {
    condition     = var.nodes.replicas >= 0 && var.nodes.replicas <= 5 && floor(var.nodes.replicas) == var.nodes.replicas
    error_message = "ElastiCache supports 0 to 5 replicas."
  }
}
