variable "prefix" {
  description = "Name prefix of the environment."
  type        = string
}

variable "name" {
  description = "Name without the prefix."
  type        = string
}

variable "every_minutes" {
  description = "Minutes between two calls."
  type        = number

  validation {
    condition     = var.every_minutes >= 2 && floor(var.every_minutes) == var.every_minutes
    error_message = "A whole number of minutes, two at least (EventBridge spells one differently)."
  }
}

variable "function" {
  description = "The `live` output of the function to call."
  type        = object({ function_name = string, qualifier = string, arn = string })

  validation {
    condition     = var.function.qualifier == "live"
    error_message = "The function is called through its alias live."
  }
}
