locals {
  full_name = "${var.platform.prefix}-${var.name}"
  sid_name  = join("", [for word in split("-", var.name) : title(word)])

  # The provider rejects both attributes together.
  sqs_key = var.platform.key_arn == null ? true : null

  tls_only_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "DenyPlaintext"
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
  kms_master_key_id       = var.platform.key_arn
  policy                  = var.platform.tls_only ? local.tls_only_policy : null

  # Not the usual six timeouts, because five receives must fit into the hour for which Replicate keeps a result.
  # 60 seconds cover the time between receiving a message and starting the function.
  visibility_timeout_seconds = var.consumer_timeout_seconds + 60

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = "${local.full_name}-dead-letters"
  sqs_managed_sse_enabled   = local.sqs_key
  kms_master_key_id         = var.platform.key_arn
  policy                    = var.platform.tls_only ? local.tls_only_policy : null
  message_retention_seconds = 14 * 24 * 3600 # SQS's maximum: an operator has to look at the messages first
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
