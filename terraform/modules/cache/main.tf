locals {
  name       = "${var.platform.prefix}-cache"
  port       = 6379
  fails_over = var.nodes.replicas > 0 ? true : false # checkov cannot evaluate a bare `>`
  version    = coalesce(var.nodes.engine_version, var.nodes.engine == "valkey" ? "8.1" : "7.1")
  family     = "${var.nodes.engine}${split(".", local.version)[0]}"
}

# Requests work without the cache, so changes apply immediately and there are no backups. A restored counter or status would be outdated, which is worse
# than a missing one.
resource "aws_elasticache_replication_group" "this" {
  replication_group_id = local.name
  description          = "Status, counters and model configurations of ${var.platform.prefix}"
  engine               = var.nodes.engine
  engine_version       = local.version
  node_type            = var.nodes.node_type
  parameter_group_name = aws_elasticache_parameter_group.this.name

  num_cache_clusters         = 1 + var.nodes.replicas
  automatic_failover_enabled = local.fails_over
  multi_az_enabled           = local.fails_over

  subnet_group_name  = aws_elasticache_subnet_group.this.name
  security_group_ids = [aws_security_group.this.id]
  port               = local.port

  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  at_rest_encryption_enabled = true
  kms_key_id                 = var.platform.key_arn
  user_group_ids             = [aws_elasticache_user_group.this.user_group_id]

  apply_immediately          = true
  auto_minor_version_upgrade = true
  maintenance_window         = "sun:06:30-sun:07:30" # UTC; after the database's
  snapshot_retention_limit   = 0

  # Functions wait 100 ms. Commands that take Redis 10 ms or more are logged with the key and the first 128 characters of a value.
  log_delivery_configuration {
    log_type         = "slow-log"
    log_format       = "json"
    destination_type = "cloudwatch-logs"
    destination      = aws_cloudwatch_log_group.slow.name
  }

  lifecycle {
    # Another engine means a new, empty cache: Valkey cannot change back to Redis in place, and each engine needs its own user group.
    replace_triggered_by = [aws_elasticache_user_group.this.user_group_id]
  }
}

# Created before the cache, which rejects a missing log group.
resource "aws_cloudwatch_log_group" "slow" {
  name              = "/aws/elasticache/${local.name}/slow-log"
  retention_in_days = var.platform.log_retention_days
  kms_key_id        = var.platform.key_arn
}

# A parameter group belongs to one major version of one engine.
resource "aws_elasticache_parameter_group" "this" {
  name        = "${local.name}-${local.family}"
  description = "What goes first when memory is full"
  family      = local.family

  # Every key expires. If memory is full, the keys closest to expiry are evicted first: statuses (5 minutes, also in the job table), counters of an
  # hour that is nearly over, webhooks that Replicate no longer repeats. `allkeys-lru` would evict the counters of users who paused.
  parameter {
    name  = "maxmemory-policy"
    value = "volatile-ttl"
  }

  lifecycle {
    create_before_destroy = true # a group in use cannot be deleted
  }
}
