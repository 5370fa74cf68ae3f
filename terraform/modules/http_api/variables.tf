variable "prefix" {
  description = "Name prefix of the environment."
  type        = string
}

variable "authorizer" {
  description = "The `live` output of the function that tells whose key a request carries."
  type        = object({ function_name = string, qualifier = string, invoke_arn = string })

  validation {
    condition     = var.authorizer.qualifier == "live"
    error_message = "The authorizer is called through its alias live."
  }
}

variable "routes" {
  description = "For each route the `live` output of its function, and whether the authorizer comes first."
  type = map(object({
    function   = object({ function_name = string, qualifier = string, invoke_arn = string })
    authorized = bool
  }))

  validation {
    condition     = alltrue([for key in keys(var.routes) : can(regex("^(GET|POST|PUT|PATCH|DELETE) /[^ ]*$", key))])
    error_message = "A route is a method and a path, such as GET /status/{jobId}."
  }

  validation {
    condition     = alltrue([for route in values(var.routes) : route.function.qualifier == "live"])
    error_message = "Every route calls its function through the alias live."
  }
}

variable "cors_origins" {
  description = "Web origins whose pages may call the API; none switches CORS off."
  type        = list(string)
  default     = []
}

variable "log_retention_days" {
  description = "How long the access log is kept."
  type        = number
}
