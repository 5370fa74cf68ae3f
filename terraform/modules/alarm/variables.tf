variable "platform" {
  description = "What all modules of the environment share: the name prefix, and the SNS topic that is notified when an alarm starts and ends (null: alarms are visible in CloudWatch only)."
  type = object({
    prefix          = string
    alarm_topic_arn = optional(string)
  })
}

variable "name" {
  description = "Name without the prefix."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+(-[a-z]+)*$", var.name))
    error_message = "An alarm's name must be lower-case words joined by dashes."
  }
}

variable "description" {
  description = "For the on-call engineer: what is wrong, its effect, and the first step."
  type        = string
}

variable "metric" {
  description = "The metric that is watched. dimensions: all of them, because CloudWatch does not aggregate over a dimension that is left out. statistic: Sum for events that are counted, Maximum for a level."
  type = object({
    namespace  = string
    name       = string
    dimensions = map(string)
    statistic  = string
  })

  validation {
    condition     = contains(["Sum", "Maximum"], var.metric.statistic)
    error_message = "The statistic must be Sum or Maximum."
  }
}

variable "threshold" {
  description = "Value at which the alarm starts."
  type        = number
  default     = 1

  validation {
    condition     = var.threshold >= 1
    error_message = "The threshold must be at least 1: a metric that is always present would keep the alarm on."
  }
}
