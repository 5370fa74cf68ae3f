# Before the instance: left to RDS they would be made without a retention.
# iam-db-auth-error says why a login with a token was refused, which the client is not told.
resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(["postgresql", "upgrade", "iam-db-auth-error"])

  name              = "/aws/rds/instance/${local.name}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn
}

# Memory, disk and processes, each minute (the account's log group RDSOSMetrics). The hypervisor's metrics cannot see them.
resource "aws_iam_role" "monitoring" {
  name                 = "${local.name}-monitoring"
  description          = "Lets RDS write the metrics of ${local.name}'s operating system"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "MonitorDatabase"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "monitoring.rds.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = split(":", aws_cloudwatch_log_group.this["postgresql"].arn)[4] } }
    }]
  })
}

# AWS's own policy: RDS looks for these rights before it takes the role.
resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:${split(":", aws_iam_role.monitoring.arn)[1]}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}
