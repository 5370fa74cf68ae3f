locals {
  name       = "${var.prefix}-cache"
  port       = 6379
  fails_over = var.replicas > 0 ? true : false # checkov cannot read `>` alone
  version    = coalesce(var.engine_version, var.engine == "valkey" ? "8.1" : "7.1")
  family     = "${var.engine}${split(".", local.version)[0]}"
}

# One node that may be lost, or with replicas one that is replaced within a minute: either way no request fails without it, so nothing here
# waits for a window or is backed up. A restored counter or status would be an old one, which is worse than none.
resource "aws_elasticache_replication_group" "this" {
  replication_group_id = local.name
  description          = "Status, counters and model configurations of ${var.prefix}"
  engine               = var.engine
  engine_version       = local.version
  node_type            = var.node_type
  parameter_group_name = aws_elasticache_parameter_group.this.name

  num_cache_clusters         = 1 + var.replicas
  automatic_failover_enabled = local.fails_over
  multi_az_enabled           = local.fails_over

  subnet_group_name  = aws_elasticache_subnet_group.this.name
  security_group_ids = [aws_security_group.this.id]
  port               = local.port

  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  at_rest_encryption_enabled = true
  kms_key_id                 = var.key_arn
  user_group_ids             = [aws_elasticache_user_group.this.user_group_id]

  apply_immediately          = true
  auto_minor_version_upgrade = true
  maintenance_window         = "sun:06:30-sun:07:30" # UTC; after the database's
  snapshot_retention_limit   = 0

  # A function waits 100 ms. What takes Redis 10 ms of them is listed with its key and the first 128 characters of a value.
  log_delivery_configuration {
    log_type         = "slow-log"
    log_format       = "json"
    destination_type = "cloudwatch-logs"
    destination      = aws_cloudwatch_log_group.slow.name
  }

  lifecycle {
    # Another engine: a new, empty cache. From Valkey there is no way back in place, and its group of users is another one.
    replace_triggered_by = [aws_elasticache_user_group.this.user_group_id]
  }
}

# Before the cache: it does not make a group, it refuses to write to one that is missing.
resource "aws_cloudwatch_log_group" "slow" {
  name              = "/aws/elasticache/${local.name}/slow-log"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn
}

# One for each major version of each engine, since a group belongs to one.
resource "aws_elasticache_parameter_group" "this" {
  name        = "${local.name}-${local.family}"
  description = "What goes first when memory is full"
  family      = local.family

  # Every key has an end. When memory is full the ones nearest to it go first: statuses (5 minutes, the job table has them too), counters of
  # hours that are nearly over, webhooks Replicate no longer repeats. `allkeys-lru` would drop the counter of whoever has paused for a while.
  parameter {
    name  = "maxmemory-policy"
    value = "volatile-ttl"
  }

  lifecycle {
    create_before_destroy = true # a group that is in use cannot be deleted
  }
}
