locals {
  full_name   = "${var.platform.prefix}-${var.name}"
  python_name = replace(var.name, "-", "_")
  environment = merge({ LOG_LEVEL = var.platform.log_level }, var.environment)

  # Lambda measures the variables as one JSON text, quotes escaped, in bytes.
  environment_bytes = length(base64encode(jsonencode(local.environment))) * 3 / 4

  statements = merge(var.permissions, {
    WriteOwnLog = {
      actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      resources = ["${aws_cloudwatch_log_group.this.arn}:*"]
    }
  })
}

# Before the function: left to Lambda it would be made at the first call, without a retention.
resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${local.full_name}"
  retention_in_days = var.platform.log_retention_days
}

resource "aws_iam_role" "this" {
  name        = local.full_name
  description = "What the function ${local.full_name} may do"

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
    Statement = [for sid, statement in local.statements : {
      Sid      = sid
      Effect   = "Allow"
      Action   = statement.actions
      Resource = statement.resources
    }]
  })
}

resource "aws_lambda_function" "this" {
  function_name = local.full_name
  role          = aws_iam_role.this.arn
  runtime       = "python3.13"
  architectures = [var.platform.architecture]
  handler       = "${local.python_name}.handler.lambda_handler"
  s3_bucket     = var.platform.artifact_bucket
  s3_key        = var.package
  layers        = var.layers
  memory_size   = var.memory_mb
  timeout       = var.timeout_seconds
  publish       = true

  ephemeral_storage {
    size = var.temporary_storage_mb
  }

  environment {
    variables = local.environment
  }

  logging_config {
    log_format = "Text" # the code writes its own JSON lines
    log_group  = aws_cloudwatch_log_group.this.name
  }

  # An event source mapping is refused as long as the role may not read its queue.
  depends_on = [aws_iam_role_policy.this]

  lifecycle {
    precondition {
      condition     = local.environment_bytes <= 4096
      error_message = "The environment variables of ${local.full_name} take ${local.environment_bytes} bytes; Lambda allows 4096 in all. Shorten `models`."
    }
  }
}

# Everyone calls the alias: code and layers change in two API calls, a published version in none.
resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "The version that serves"
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version
}
