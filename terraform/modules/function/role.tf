# What the function may do. Its own code needs `permissions`; the other statements follow from how the function runs.

locals {
  ec2_arn = "arn:aws:ec2:${var.platform.region}:${var.platform.account_id}"

  # Built from names, which a plan knows. The role is created before the function, so it cannot take the function's ARN.
  function_arn  = "arn:aws:lambda:${var.platform.region}:${var.platform.account_id}:function:${local.full_name}"
  log_group_arn = "arn:aws:logs:${var.platform.region}:${var.platform.account_id}:log-group:${aws_cloudwatch_log_group.this.name}"

  use_customer_key = var.platform.key_arn == null ? [] : [{
    Sid      = "UseCustomerKey"
    Effect   = "Allow"
    Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
    Resource = [var.platform.key_arn]
  }]

  write_traces = !var.platform.tracing ? [] : [{
    Sid      = "WriteTraces"
    Effect   = "Allow"
    Action   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    Resource = ["*"] # X-Ray has no resources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
  }]

  create_network_interfaces = var.network == null ? [] : [{
    Sid    = "CreateNetworkInterfaces"
    Effect = "Allow"
    Action = ["ec2:CreateNetworkInterface"]
    Resource = concat(
      ["${local.ec2_arn}:network-interface/*"],
      [for id in sort(var.network.subnet_ids) : "${local.ec2_arn}:subnet/${id}"],
      [for id in sort(var.network.security_group_ids) : "${local.ec2_arn}:security-group/${id}"],
    )
  }]

  # Lambda checks these rights before an interface exists, without a resource, so only "*" matches. AWS's own policy does the same:
  # https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaVPCAccessExecutionRole.html
  manage_network_interfaces = var.network == null ? [] : [{
    Sid    = "ManageNetworkInterfaces"
    Effect = "Allow"
    Action = [
      "ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
      "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets",
    ]
    Resource = ["*"]
  }]

  # Denies our code what the two statements above allow Lambda. Only calls from inside the function carry lambda:SourceFunctionArn:
  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
  deny_ec2_from_function_code = var.network == null ? [] : [{
    Sid    = "DenyEc2FromFunctionCode"
    Effect = "Deny"
    Action = [
      "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses",
      "ec2:UnassignPrivateIpAddresses", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets",
    ]
    Resource  = ["*"]
    Condition = { ArnEquals = { "lambda:SourceFunctionArn" = local.function_arn } }
  }]
}

resource "aws_iam_role" "this" {
  name                 = local.full_name
  description          = "What the function ${local.full_name} may do"
  permissions_boundary = var.platform.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "RunAsLambda"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = local.full_name
  role = aws_iam_role.this.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [for sid, permission in var.permissions : merge({
        Sid      = sid
        Effect   = "Allow"
        Action   = permission.actions
        Resource = permission.resources
      }, permission.condition == null ? {} : { Condition = permission.condition })],
      [{
        Sid      = "WriteOwnLog"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${local.log_group_arn}:*"]
      }],
      local.use_customer_key,
      local.write_traces,
      local.create_network_interfaces,
      local.manage_network_interfaces,
      local.deny_ec2_from_function_code,
    )
  })
}
