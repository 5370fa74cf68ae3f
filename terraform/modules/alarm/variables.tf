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
  description = "What has happened and where to look, for whoever is woken."
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
  description = "Dimensions of the metric, all of them: CloudWatch does not add up what is left out."
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

variable "topic_arn" {
  description = "SNS topic that is told of the alarm and of its end; null: it is seen in CloudWatch only."
  type        = string
  default     = null
}
