# What the cache promises, looked at from inside.

mock_provider "aws" {
  mock_resource "aws_elasticache_replication_group" {
    defaults = {
      arn                      = "arn:aws:elasticache:us-east-1:123456789012:replicationgroup:vsl-test-cache"
      primary_endpoint_address = "master.vsl-test-cache.abc.use1.cache.amazonaws.com"
    }
  }

  mock_resource "aws_elasticache_user" {
    defaults = { arn = "arn:aws:elasticache:us-east-1:123456789012:user:vsl-test" }
  }

  mock_resource "aws_security_group" {
    defaults = { id = "sg-cache" }
  }
}

variables {
  platform = { prefix = "vsl-test", log_retention_days = 30 }
  network  = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"], client_security_group_id = "sg-clients" }
  nodes    = { engine = "valkey", node_type = "cache.t4g.micro", replicas = 0 }
}

run "functions_log_in_with_a_token_over_tls" {
  module {
    source = "./modules/cache"
  }

  assert {
    condition     = output.url == "rediss://vsl-test@master.vsl-test-cache.abc.use1.cache.amazonaws.com:6379/0?iam=vsl-test-cache"
    error_message = "The URL is not this."
  }

  assert {
    condition = output.allow == { connect = { LogInToCache = {
      actions   = ["elasticache:Connect"]
      resources = ["arn:aws:elasticache:us-east-1:123456789012:replicationgroup:vsl-test-cache", "arn:aws:elasticache:us-east-1:123456789012:user:vsl-test"]
    } } }
    error_message = "The permission is not for this cache and this user alone."
  }

  assert {
    condition     = aws_elasticache_user.functions.authentication_mode[0].type == "iam" && aws_elasticache_user.functions.user_id == aws_elasticache_user.functions.user_name
    error_message = "IAM would not know the user."
  }

  assert {
    condition = (
      aws_elasticache_replication_group.this.transit_encryption_enabled && aws_elasticache_replication_group.this.transit_encryption_mode == "required" &&
      tobool(aws_elasticache_replication_group.this.at_rest_encryption_enabled)
    )
    error_message = "The cache is not encrypted."
  }

  assert {
    condition     = aws_elasticache_replication_group.this.user_group_ids == toset([aws_elasticache_user_group.this.user_group_id])
    error_message = "The cache lets others in."
  }
}

run "only_the_functions_reach_the_cache" {
  module {
    source = "./modules/cache"
  }

  assert {
    condition     = aws_elasticache_replication_group.this.security_group_ids == toset(["sg-cache"])
    error_message = "The cache is in another group."
  }

  assert {
    condition = alltrue([for rule in [
      { at = aws_vpc_security_group_ingress_rule.from_clients, group = "sg-cache", peer = "sg-clients" },
      { at = aws_vpc_security_group_egress_rule.clients_to_cache, group = "sg-clients", peer = "sg-cache" },
    ] : rule.at.security_group_id == rule.group && rule.at.referenced_security_group_id == rule.peer && rule.at.from_port == 6379 && rule.at.to_port == 6379])
    error_message = "The rules do not name functions and cache, or open more than its port."
  }
}

run "valkey_has_one_user" {
  command = plan

  module {
    source = "./modules/cache"
  }

  assert {
    condition     = aws_elasticache_user_group.this.user_ids == toset(["vsl-test"]) && aws_elasticache_user_group.this.engine == "valkey"
    error_message = "There are other users."
  }

  assert {
    condition     = [aws_elasticache_replication_group.this.engine, aws_elasticache_replication_group.this.engine_version, aws_elasticache_parameter_group.this.family] == ["valkey", "8.1", "valkey8"]
    error_message = "Engine, version and parameters do not belong together."
  }
}

run "redis_has_its_default_user_who_may_not_log_in" {
  command = plan

  module {
    source = "./modules/cache"
  }

  variables {
    nodes = merge(var.nodes, { engine = "redis" })
  }

  assert {
    condition     = aws_elasticache_user_group.this.user_ids == toset(["vsl-test", "vsl-test-nobody"]) && aws_elasticache_user_group.this.engine == "redis"
    error_message = "Redis refuses a group without the user default."
  }

  assert {
    condition     = aws_elasticache_user.nobody[0].user_name == "default" && aws_elasticache_user.nobody[0].access_string == "off -@all" && aws_elasticache_user.nobody[0].passwords == null
    error_message = "Whoever gives no name is let in."
  }

  assert {
    condition     = [aws_elasticache_replication_group.this.engine, aws_elasticache_replication_group.this.engine_version, aws_elasticache_parameter_group.this.family] == ["redis", "7.1", "redis7"]
    error_message = "Engine, version and parameters do not belong together."
  }
}

run "a_given_version_is_used_with_its_own_parameters" {
  command = plan

  module {
    source = "./modules/cache"
  }

  variables {
    nodes = merge(var.nodes, { engine_version = "7.2" })
  }

  assert {
    condition     = [aws_elasticache_replication_group.this.engine_version, aws_elasticache_parameter_group.this.name, aws_elasticache_parameter_group.this.family] == ["7.2", "vsl-test-cache-valkey7", "valkey7"]
    error_message = "The parameters are for another version."
  }
}

run "without_a_replica_there_is_one_node_that_cannot_fail_over" {
  command = plan

  module {
    source = "./modules/cache"
  }

  variables {
    network = merge(var.network, { subnet_ids = ["subnet-1"] })
  }

  assert {
    condition = (
      aws_elasticache_replication_group.this.num_cache_clusters == 1 && !aws_elasticache_replication_group.this.automatic_failover_enabled &&
      !aws_elasticache_replication_group.this.multi_az_enabled
    )
    error_message = "ElastiCache refuses to fail over without a replica."
  }
}

run "with_a_replica_the_cache_fails_over_to_another_zone" {
  command = plan

  module {
    source = "./modules/cache"
  }

  variables {
    nodes = merge(var.nodes, { replicas = 2 })
  }

  assert {
    condition = (
      aws_elasticache_replication_group.this.num_cache_clusters == 3 && aws_elasticache_replication_group.this.automatic_failover_enabled &&
      aws_elasticache_replication_group.this.multi_az_enabled
    )
    error_message = "The replicas do not take over."
  }
}

run "what_expires_first_goes_first_and_nothing_is_kept" {
  command = plan

  module {
    source = "./modules/cache"
  }

  assert {
    condition     = [for parameter in aws_elasticache_parameter_group.this.parameter : "${parameter.name} ${parameter.value}"] == ["maxmemory-policy volatile-ttl"]
    error_message = "A full cache drops something else."
  }

  assert {
    condition     = aws_elasticache_replication_group.this.snapshot_retention_limit == 0
    error_message = "Old counters could come back."
  }
}

run "slow_commands_are_logged_for_the_given_time" {
  command = plan

  module {
    source = "./modules/cache"
  }

  assert {
    condition     = [for log in aws_elasticache_replication_group.this.log_delivery_configuration : "${log.log_type} ${log.destination}"] == ["slow-log /aws/elasticache/vsl-test-cache/slow-log"]
    error_message = "The slow log goes elsewhere."
  }

  assert {
    condition     = aws_cloudwatch_log_group.slow.retention_in_days == 30
    error_message = "Logs are not kept for the given time."
  }
}

run "with_a_customer_key_everything_is_encrypted_with_it" {
  command = plan

  module {
    source = "./modules/cache"
  }

  variables {
    platform = merge(var.platform, { key_arn = "arn:aws:kms:us-east-1:123456789012:key/mock" })
  }

  assert {
    condition     = [aws_elasticache_replication_group.this.kms_key_id, aws_cloudwatch_log_group.slow.kms_key_id] == [var.platform.key_arn, var.platform.key_arn]
    error_message = "Something is encrypted with another key."
  }
}

run "every_name_carries_the_prefix" {
  command = plan

  module {
    source = "./modules/cache"
  }

  assert {
    condition = alltrue([for name in [
      aws_elasticache_replication_group.this.replication_group_id, aws_elasticache_subnet_group.this.name, aws_security_group.this.name, output.name,
    ] : name == "vsl-test-cache"])
    error_message = "Something has another name."
  }

  assert {
    condition = [aws_elasticache_user.functions.user_id, aws_elasticache_user_group.this.user_group_id, aws_elasticache_parameter_group.this.name] == [
      "vsl-test", "vsl-test-cache-valkey", "vsl-test-cache-valkey8",
    ]
    error_message = "Users or parameters have another name."
  }
}

run "rejects_an_unknown_engine" {
  command = plan

  module {
    source = "./modules/cache"
  }

  variables {
    nodes = merge(var.nodes, { engine = "memcached" })
  }

  expect_failures = [var.nodes]
}

run "rejects_a_size_of_another_service" {
  command = plan

  module {
    source = "./modules/cache"
  }

  variables {
    nodes = merge(var.nodes, { node_type = "t4g.micro" })
  }

  expect_failures = [var.nodes]
}

run "rejects_six_replicas" {
  command = plan

  module {
    source = "./modules/cache"
  }

  variables {
    nodes = merge(var.nodes, { replicas = 6 })
  }

  expect_failures = [var.nodes]
}

run "rejects_a_redis_without_iam" {
  command = plan

  module {
    source = "./modules/cache"
  }

  variables {
    nodes = merge(var.nodes, { engine = "redis", engine_version = "6.2" })
  }

  expect_failures = [var.nodes]
}

run "rejects_a_version_of_redis_for_valkey" {
  command = plan

  module {
    source = "./modules/cache"
  }

  variables {
    nodes = merge(var.nodes, { engine_version = "7.1" })
  }

  expect_failures = [var.nodes]
}

run "replicas_in_a_single_zone_are_refused" {
  command = plan

  module {
    source = "./modules/cache"
  }

  variables {
    network = merge(var.network, { subnet_ids = ["subnet-1"] })
    nodes   = merge(var.nodes, { replicas = 1 })
  }

  expect_failures = [var.network]
}
