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

variable "jwt" {
  description = "Whose tokens are taken (issuer) and for whom they must have been made (audience), instead of API keys. Null: API keys."
  type        = object({ issuer = string, audience = list(string) })
  default     = null

  validation {
    condition     = var.jwt == null ? true : length(var.jwt.audience) > 0
    error_message = "Without an audience every token of the issuer would do, whatever it was made for."
  }
}

variable "routes" {
  description = "For each route the `live` output of its function, whether the authorizer comes first, and a throttling of its own where it needs one."
  type = map(object({
    function   = object({ function_name = string, qualifier = string, invoke_arn = string })
    authorized = bool
    throttling = optional(object({ requests_per_second = number, burst = number }))
  }))

  validation {
    condition     = alltrue([for key in keys(var.routes) : can(regex("^[A-Z]+ /[^ ]*$", key))])
    error_message = "A route is a method and a path, such as GET /status/{jobId}."
  }

  validation {
    condition     = alltrue([for key in keys(var.routes) : contains(local.methods, split(" ", key)[0])])
    error_message = "A route's method is not among those that web pages may use: add it to local.methods of this module."
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

  validation {
    condition     = alltrue([for origin in var.cors_origins : !strcontains(origin, "*")])
    error_message = "A web origin is written out: a wildcard would let every page call the API with its visitor's key."
  }
}

variable "throttling" {
  description = "Requests per second and burst of routes without a throttling of their own, all clients together. AWS aims at them; it does not count exactly."
  type = object({
    requests_per_second = optional(number, 100)
    burst               = optional(number, 200)
  })
  default = {}

  validation {
    condition     = var.throttling.requests_per_second >= 1 && var.throttling.burst >= 1
    error_message = "At least one request per second and a burst of one: 0 would refuse every request."
  }
}

variable "domain" {
  description = "The API's own name, with a certificate for it in this region (certificate_arn), the Route 53 zone it belongs to (zone_id: the record and, unless one is given, the certificate are made), or both. Null: the address AWS gives."
  type = object({
    name            = string
    certificate_arn = optional(string)
    zone_id         = optional(string)
  })
  default = null

  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain.name))
    error_message = "The domain's name is a host name in lower case, such as media.example.com."
  }

  validation {
    condition     = var.domain == null || try(coalesce(var.domain.certificate_arn, var.domain.zone_id), null) != null
    error_message = "A domain needs a certificate (certificate_arn), or a zone in which one can be proven (zone_id)."
  }
}

variable "log_retention_days" {
  description = "How long the access log is kept."
  type        = number
}

variable "key_arn" {
  description = "Customer key that encrypts the access log; null: AWS's own."
  type        = string
  default     = null
}
