# Created before the instance, because RDS would create them without a retention.
# iam-db-auth-error has the reason why a login with a token was rejected; the client does not get it.
resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(["postgresql", "upgrade", "iam-db-auth-error"])

  name              = "/aws/rds/instance/${local.name}/${each.key}"
  retention_in_days = var.platform.log_retention_days
  kms_key_id        = var.platform.key_arn
}

# Enhanced monitoring: memory, disk and processes every minute, in the account's log group RDSOSMetrics. Other metrics come from the hypervisor, which cannot see these:
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.html
resource "aws_iam_role" "monitoring" {
  name                 = "${local.name}-monitoring"
  description          = "Lets RDS write the metrics of ${local.name}'s operating system"
  permissions_boundary = var.platform.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "MonitorDatabase"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "monitoring.rds.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.platform.account_id } }
    }]
  })
}

# AWS's managed policy: RDS checks these rights before it accepts the role.
resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}
