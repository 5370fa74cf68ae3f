variable "platform" {
  description = "What all modules of the environment share: the name prefix."
  type = object({
    prefix = string
  })
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
    error_message = "The interval must be a whole number of minutes, at least 2 (EventBridge spells one minute differently)."
  }
}

variable "function" {
  description = "The `live` output of the function to call."
  type        = object({ function_name = string, qualifier = string, arn = string })

  validation {
    condition     = var.function.qualifier == "live"
    error_message = "The function must be the alias live."
  }
}
