variable "platform" {
  description = "What all modules of the environment share: the name prefix, tls_only (reject requests without TLS), and the customer KMS key that encrypts messages (null: a key of SQS's own, free)."
  type = object({
    prefix   = string
    tls_only = optional(bool, true)
    key_arn  = optional(string)
  })
}

variable "name" {
  description = "Name without the prefix."
  type        = string
}

variable "consumer" {
  description = "The `live` output of the function that consumes the queue."
  type        = object({ arn = string })

  validation {
    condition     = endswith(var.consumer.arn, ":live")
    error_message = "The consumer must be the alias live."
  }
}

variable "consumer_timeout_seconds" {
  description = "The consumer's timeout. A message stays hidden for that time and 60 seconds more."
  type        = number
}

variable "maximum_concurrency" {
  description = "How many messages are processed at the same time."
  type        = number

  validation {
    condition     = var.maximum_concurrency >= 2 && var.maximum_concurrency <= 1000
    error_message = "The concurrency must be between 2 and 1000, the limits of an event source mapping."
  }
}
