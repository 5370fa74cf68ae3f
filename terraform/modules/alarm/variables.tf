variable "prefix" {
  description = "Name prefix of the environment."
  type        = string
}

variable "name" {
  description = "Name without the prefix."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+(-[a-z]+)*$", var.name))
    error_message = "An alarm's name is lower-case words joined by dashes."
  }
}

variable "description" {
  description = "What happened, where to look and what to do, for the on-call engineer."
  type        = string
}

variable "namespace" {
  description = "Namespace of the metric, such as AWS/Lambda."
  type        = string
}

variable "metric" {
  description = "Name of the metric."
  type        = string
}

variable "dimensions" {
  description = "Dimensions of the metric, all of them: CloudWatch does not aggregate over a dimension that is left out."
  type        = map(string)
}

variable "statistic" {
  description = "Sum for what is counted as it happens, Maximum for what is there at a moment."
  type        = string

  validation {
    condition     = contains(["Sum", "Maximum"], var.statistic)
    error_message = "The statistic is Sum or Maximum."
  }
}

variable "threshold" {
  description = "Value at which the alarm rings."
  type        = number
  default     = 1

  validation {
    condition     = var.threshold >= 1
    error_message = "The threshold is at least 1: a metric that is always there would ring all the time."
  }
}

variable "topic_arn" {
  description = "SNS topic that is notified when the alarm starts and when it ends; null: the alarm is visible in CloudWatch only."
  type        = string
  default     = null
}
