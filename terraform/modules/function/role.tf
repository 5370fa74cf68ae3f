locals {
  # Partition, region and account, told by the log group. The function's own ARN would be a circle: it needs the role.
  arn          = split(":", aws_cloudwatch_log_group.this.arn)
  ec2_arn      = join(":", [local.arn[0], local.arn[1], "ec2", local.arn[3], local.arn[4]])
  function_arn = join(":", [local.arn[0], local.arn[1], "lambda", local.arn[3], local.arn[4], "function", local.full_name])

  # By its name, which a plan and a mocked provider know.
  log_group_arn = join(":", [local.arn[0], local.arn[1], "logs", local.arn[3], local.arn[4], "log-group", aws_cloudwatch_log_group.this.name])

  statements = merge(concat(
    [var.permissions, {
      WriteOwnLog = {
        actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        resources = ["${local.log_group_arn}:*"]
      }
    }],
    [for key_arn in var.platform.key_arn[*] : {
      UseCustomerKey = {
        actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
        resources = [key_arn]
      }
    }],
    [for traced in [var.platform.tracing] : {
      WriteTraces = {
        actions   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
        resources = ["*"] # X-Ray knows no other
      }
    } if traced],
    [for network in var.network[*] : {
      CreateNetworkInterfaces = {
        actions = ["ec2:CreateNetworkInterface"]
        resources = concat(
          ["${local.ec2_arn}:network-interface/*"],
          [for id in sort(network.subnet_ids) : "${local.ec2_arn}:subnet/${id}"],
          [for id in sort(network.security_group_ids) : "${local.ec2_arn}:security-group/${id}"],
        )
      }
      # Lambda checks these before any interface exists, without a resource to compare with: only "*" passes, and AWS's own
      # policy has no other. https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaVPCAccessExecutionRole.html
      ManageNetworkInterfaces = {
        actions = [
          "ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
          "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets",
        ]
        resources = ["*"]
      }
      # Lambda's own calls carry no lambda:SourceFunctionArn; calls from inside the function do. So this denies our code the
      # two statements above, and leaves them to Lambda. https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
      DenyEc2FromFunctionCode = {
        effect = "Deny"
        actions = [
          "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses",
          "ec2:UnassignPrivateIpAddresses", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets",
        ]
        resources = ["*"]
        condition = { ArnEquals = { "lambda:SourceFunctionArn" = local.function_arn } }
      }
    }],
  )...)
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
    Statement = [for sid, statement in local.statements : { for key, value in {
      Sid       = sid
      Effect    = try(statement.effect, "Allow")
      Action    = statement.actions
      Resource  = statement.resources
      Condition = try(statement.condition, null)
    } : key => value if value != null }]
  })
}
