locals {
  full_name = "${var.prefix}-${var.name}"
  sid_name  = join("", [for word in split("-", var.name) : title(word)])

  # One or the other: the provider refuses both.
  sqs_key = var.key_arn == null ? true : null

  tls_only_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "RefusePlaintext"
      Effect    = "Deny"
      Principal = "*"
      Action    = ["sqs:SendMessage", "sqs:ReceiveMessage"]
      Resource  = "*" # in a queue policy: this queue
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

resource "aws_sqs_queue" "this" {
  name                    = local.full_name
  sqs_managed_sse_enabled = local.sqs_key
  kms_master_key_id       = var.key_arn
  policy                  = var.tls_only ? local.tls_only_policy : null

  # Not the usual six timeouts: five receives must fit in the hour in which Replicate keeps a result.
  # The minute is for the time between receiving a message and starting the function.
  visibility_timeout_seconds = var.consumer_timeout_seconds + 60

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = "${local.full_name}-dead-letters"
  sqs_managed_sse_enabled   = local.sqs_key
  kms_master_key_id         = var.key_arn
  policy                    = var.tls_only ? local.tls_only_policy : null
  message_retention_seconds = 14 * 24 * 3600 # the longest SQS offers: somebody has to look first
}

resource "aws_lambda_event_source_mapping" "consumer" {
  event_source_arn        = aws_sqs_queue.this.arn
  function_name           = var.consumer.arn
  batch_size              = 1
  function_response_types = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = var.maximum_concurrency
  }
}
