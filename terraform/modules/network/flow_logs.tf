# Accepted and rejected connections of the VPC.

resource "aws_cloudwatch_log_group" "flows" {
  name              = "/aws/vpc/${var.platform.prefix}-flow-logs"
  retention_in_days = var.platform.log_retention_days
  kms_key_id        = var.platform.key_arn
}

resource "aws_iam_role" "flow_logs" {
  name                 = "${var.platform.prefix}-flow-logs"
  description          = "Lets the VPC ${var.platform.prefix} write its flow logs"
  permissions_boundary = var.platform.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "WriteForOwnVpc"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.platform.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "flow_logs" {
  name = aws_iam_role.flow_logs.name
  role = aws_iam_role.flow_logs.name

  # Without logs:CreateLogGroup, which would create the group again after `destroy` has deleted it.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "WriteFlowLogs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = [aws_cloudwatch_log_group.flows.arn, "${aws_cloudwatch_log_group.flows.arn}:*"]
      }, {
      Sid      = "FindLogGroup"
      Effect   = "Allow"
      Action   = ["logs:DescribeLogGroups"]
      Resource = ["*"] # AWS evaluates it without a resource
    }]
  })
}

resource "aws_flow_log" "this" {
  vpc_id          = aws_vpc.this.id
  traffic_type    = "ALL"
  log_destination = aws_cloudwatch_log_group.flows.arn
  iam_role_arn    = aws_iam_role.flow_logs.arn

  tags = { Name = var.platform.prefix }

  depends_on = [aws_iam_role_policy.flow_logs]
}
