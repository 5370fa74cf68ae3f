locals {
  full_name   = "${var.platform.prefix}-${var.name}"
  python_name = replace(var.name, "-", "_")
  environment = merge({ ENVIRONMENT = var.platform.prefix, LOG_LEVEL = var.platform.log_level }, var.environment)

  # Lambda measures the variables in bytes, as one JSON text with escaped quotes.
  environment_bytes = length(base64encode(jsonencode(local.environment))) * 3 / 4
}

# Created before the function, because Lambda would create it at the first call without a retention.
resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${local.full_name}"
  retention_in_days = var.platform.log_retention_days
  kms_key_id        = var.platform.key_arn
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_116:Callers wait for the response, queues have their own dead-letter queues, and the schedule runs again in five minutes
  #checkov:skip=CKV_AWS_272:The key of a zip in the private bucket contains the hash of its content; the build does not use AWS Signer
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
  kms_key_arn   = var.platform.key_arn # of the environment variables

  # -1: shares the account's unreserved concurrency.
  reserved_concurrent_executions = lookup(var.platform.reserved_concurrency, local.python_name, -1)

  ephemeral_storage {
    size = var.temporary_storage_mb
  }

  environment {
    variables = local.environment
  }

  # LOG_LEVEL decides which of our JSON lines are written. Lambda must not filter them: metrics are in lines of level DEBUG, and Lambda treats levels that it
  # does not know, such as WARNING, as INFO.
  # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
  logging_config {
    log_group             = aws_cloudwatch_log_group.this.name
    log_format            = "JSON"
    application_log_level = "DEBUG"
    system_log_level      = { DEBUG = "DEBUG", INFO = "INFO", WARNING = "WARN", ERROR = "WARN" }[var.platform.log_level]
  }

  tracing_config {
    mode = lookup({ true = "Active" }, var.platform.tracing, "PassThrough")
  }

  # SnapStart does not support more than 512 MB of /tmp: https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html
  dynamic "snap_start" {
    for_each = var.platform.snap_start && var.temporary_storage_mb <= 512 ? ["PublishedVersions"] : []

    content {
      apply_on = snap_start.value
    }
  }

  dynamic "vpc_config" {
    for_each = var.network[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  # Lambda rejects an event source mapping if the role may not read its queue.
  depends_on = [aws_iam_role_policy.this]

  lifecycle {
    precondition {
      condition     = local.environment_bytes <= 4096
      error_message = "The environment variables of ${local.full_name} take ${local.environment_bytes} bytes; Lambda allows 4096 in all. Shorten `models`."
    }
  }
}

# All callers use the alias: Lambda changes code and layers in two API calls, so only a published version has a consistent pair.
resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "The version that serves"
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version
}
