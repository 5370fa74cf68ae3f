variable "prefix" {
  description = "Name prefix of the environment."
  type        = string
}

variable "name" {
  description = "Name without the prefix."
  type        = string
}

variable "consumer" {
  description = "The `live` output of the function that works through the queue."
  type        = object({ arn = string })

  validation {
    condition     = endswith(var.consumer.arn, ":live")
    error_message = "The consumer is called through its alias live."
  }
}

variable "consumer_timeout_seconds" {
  description = "The consumer's time limit. A message stays hidden for that long and one minute more."
  type        = number
}

variable "maximum_concurrency" {
  description = "How many messages are worked on at the same time."
  type        = number

  validation {
    condition     = var.maximum_concurrency >= 2 && var.maximum_concurrency <= 1000
    error_message = "An event source mapping allows between 2 and 1000 at a time."
  }
}

variable "tls_only" {
  description = "Refuse requests that do not come over TLS."
  type        = bool
  default     = true
}

variable "key_arn" {
  description = "Customer KMS key that encrypts the messages; null: a key of SQS's own, free."
  type        = string
  default     = null
}
