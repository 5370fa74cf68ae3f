output "url" {
  description = "URL of the queue."
  value       = aws_sqs_queue.this.url
}

output "dead_letters_url" {
  description = "URL of its dead-letter queue."
  value       = aws_sqs_queue.dead_letters.url
}

output "dead_letters_name" {
  description = "Name of its dead-letter queue, as in its metrics."
  value       = aws_sqs_queue.dead_letters.name
}

output "consumer_arn" {
  description = "ARN of the function that consumes the queue."
  value       = aws_lambda_event_source_mapping.consumer.function_name
}

output "allow" {
  description = "Permission statements: `send`, `receive`."
  value = {
    send = {
      "SendTo${local.sid_name}" = {
        actions   = ["sqs:SendMessage"]
        resources = [aws_sqs_queue.this.arn]
      }
    }
    receive = {
      "Consume${local.sid_name}" = {
        # ChangeMessageVisibility: a failed message is retried after seconds instead of the whole timeout.
        actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"]
        resources = [aws_sqs_queue.this.arn]
      }
    }
  }
}
