output "url" {
  description = "URL at which the functions log in with a token."
  value       = "rediss://${aws_elasticache_user.functions.user_name}@${aws_elasticache_replication_group.this.primary_endpoint_address}:${local.port}/0?iam=${aws_elasticache_replication_group.this.replication_group_id}"
}

output "allow" {
  description = "Permission statements: `connect`."
  value = {
    connect = {
      LogInToCache = {
        actions   = ["elasticache:Connect"]
        resources = [aws_elasticache_replication_group.this.arn, aws_elasticache_user.functions.arn]
      }
    }
  }
}

output "name" {
  description = "Id of the cache. In metrics its nodes are named <id>-001 and so on."
  value       = aws_elasticache_replication_group.this.replication_group_id
}
