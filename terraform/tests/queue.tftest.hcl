# What a queue promises, looked at from inside.

mock_provider "aws" {
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:us-east-1:123456789012:mock" }
  }
}

variables {
  platform                 = { prefix = "vsl-test" }
  name                     = "webhooks"
  consumer                 = { arn = "arn:aws:lambda:us-east-1:123456789012:function:vsl-test-process-webhook:live" }
  consumer_timeout_seconds = 300
  maximum_concurrency      = 2
}

run "a_queue_gives_up_after_five_receives_and_outlasts_its_consumer" {
  module {
    source = "./modules/queue"
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.this.redrive_policy).maxReceiveCount == 5
    error_message = "A message is not tried five times."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.this.redrive_policy).deadLetterTargetArn == aws_sqs_queue.dead_letters.arn
    error_message = "Failed messages do not go to the queue for dead letters."
  }

  assert {
    condition     = aws_sqs_queue.this.visibility_timeout_seconds == 360
    error_message = "A message could come back while it is being worked on."
  }

  assert {
    condition     = 5 * aws_sqs_queue.this.visibility_timeout_seconds < 3600
    error_message = "Five receives do not fit in the hour in which Replicate keeps results."
  }

  assert {
    condition     = [aws_sqs_queue.this.name, aws_sqs_queue.dead_letters.name] == ["vsl-test-webhooks", "vsl-test-webhooks-dead-letters"]
    error_message = "The queues have other names than the design gives them."
  }

  assert {
    condition     = aws_sqs_queue.this.sqs_managed_sse_enabled && aws_sqs_queue.dead_letters.sqs_managed_sse_enabled
    error_message = "Messages are not encrypted."
  }

  assert {
    condition = alltrue([for queue in [aws_sqs_queue.this, aws_sqs_queue.dead_letters] :
      jsondecode(queue.policy).Statement[0].Effect == "Deny" && jsondecode(queue.policy).Statement[0].Condition.Bool["aws:SecureTransport"] == "false"
    ])
    error_message = "Plaintext is not refused."
  }

  assert {
    condition     = tolist(aws_lambda_event_source_mapping.consumer.function_response_types) == tolist(["ReportBatchItemFailures"])
    error_message = "Partial batch failures are not reported."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.consumer.scaling_config[0].maximum_concurrency == 2
    error_message = "Concurrency is not bounded."
  }
}

run "a_queue_refuses_a_consumer_without_the_alias" {
  command = plan

  module {
    source = "./modules/queue"
  }

  variables {
    consumer = { arn = "arn:aws:lambda:us-east-1:123456789012:function:vsl-test-process-webhook" }
  }

  expect_failures = [var.consumer]
}

run "a_customer_key_takes_the_place_of_the_key_of_sqs" {
  module {
    source = "./modules/queue"
  }

  variables {
    platform = { prefix = "vsl-test", key_arn = "arn:aws:kms:us-east-1:123456789012:key/mock" }
  }

  assert {
    condition     = alltrue([for queue in [aws_sqs_queue.this, aws_sqs_queue.dead_letters] : queue.kms_master_key_id == var.platform.key_arn])
    error_message = "A queue does not use the key."
  }
}
