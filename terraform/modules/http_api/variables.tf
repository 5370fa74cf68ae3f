variable "platform" {
  description = "What all modules of the environment share: the name prefix, how long the access log is kept, and the customer KMS key that encrypts it (null: AWS's own)."
  type = object({
    prefix             = string
    log_retention_days = number
    key_arn            = optional(string)
  })
}

variable "authorizer" {
  description = "The `live` output of the function that identifies the caller by API key."
  type        = object({ function_name = string, qualifier = string, invoke_arn = string })

  validation {
    condition     = var.authorizer.qualifier == "live"
    error_message = "The authorizer must be the alias live."
  }
}

variable "jwt" {
  description = "Accept tokens of this issuer that were issued for one of these audiences, instead of API keys; null: API keys."
  type        = object({ issuer = string, audience = list(string) })
  default     = null

  validation {
    condition     = var.jwt == null ? true : length(var.jwt.audience) > 0
    error_message = "An audience is required: without one the API would accept every token of the issuer."
  }
}

variable "routes" {
  description = "For each route the `live` output of its function, whether it requires authorization, and optionally its own throttling."
  type = map(object({
    function   = object({ function_name = string, qualifier = string, invoke_arn = string })
    authorized = bool
    throttling = optional(object({ requests_per_second = number, burst = number }))
  }))

  validation {
    condition     = alltrue([for key in keys(var.routes) : can(regex("^[A-Z]+ /[^ ]*$", key))])
    error_message = "A route must be a method and a path, such as GET /status/{jobId}."
  }

  validation {
    condition     = alltrue([for key in keys(var.routes) : contains(local.methods, split(" ", key)[0])])
    error_message = "CORS does not allow the route's method: add it to local.methods of this module."
  }

  validation {
    condition     = alltrue([for route in values(var.routes) : route.function.qualifier == "live"])
    error_message = "A route must call the alias live of its function."
  }
}

variable "cors_origins" {
  description = "Web origins whose pages may call the API; none: CORS is disabled."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.cors_origins : !strcontains(origin, "*")])
    error_message = "A web origin must not contain a wildcard, which would let every page call the API with its visitor's key."
  }
}

variable "throttling" {
  description = "Requests per second and burst of all clients together, for routes without their own throttling. AWS applies it on a best-effort basis."
  type = object({
    requests_per_second = optional(number, 100)
    burst               = optional(number, 200)
  })
  default = {}

  validation {
    condition     = var.throttling.requests_per_second >= 1 && var.throttling.burst >= 1
    error_message = "The rate and the burst must be at least 1: 0 would reject every request."
  }
}

variable "domain" {
  description = "The custom domain, with a certificate in this region (certificate_arn), its Route 53 zone (zone_id: Terraform creates the record, and the certificate unless one is given), or both; null: AWS's address."
  type = object({
    name            = string
    certificate_arn = optional(string)
    zone_id         = optional(string)
  })
  default = null

  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain.name))
    error_message = "The domain's name must be a host name in lower case, such as media.example.com."
  }

  validation {
    condition     = var.domain == null || try(coalesce(var.domain.certificate_arn, var.domain.zone_id), null) != null
    error_message = "A domain needs a certificate (certificate_arn), or a zone in which one can be validated (zone_id)."
  }
}
