# Who talked to whom, and what was refused.

resource "aws_cloudwatch_log_group" "flows" {
  name              = "/aws/vpc/${var.prefix}-flow-logs"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn
}

resource "aws_iam_role" "flow_logs" {
  name                 = "${var.prefix}-flow-logs"
  description          = "Lets the VPC ${var.prefix} write its flow logs"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "WriteForOwnVpc"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.this.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "flow_logs" {
  name = aws_iam_role.flow_logs.name
  role = aws_iam_role.flow_logs.name

  # Not logs:CreateLogGroup: it would make the group again that `destroy` has just deleted.
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

  tags = { Name = var.prefix }

  depends_on = [aws_iam_role_policy.flow_logs]
}
