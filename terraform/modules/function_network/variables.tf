variable "platform" {
  description = "What all modules of the environment share: the name prefix, and the region and account of the VPC."
  type = object({
    prefix     = string
    region     = string
    account_id = string
  })
}

variable "vpc_id" {
  description = "The VPC, created here or existing."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the functions, one for each zone, with a route to the internet through NAT."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) > 0
    error_message = "Functions need at least one subnet; with two in different zones they survive the loss of a zone."
  }
}

variable "endpoints" {
  description = "AWS services with an interface endpoint in the VPC: ssm (Parameter Store), secretsmanager, sqs."
  type        = set(string)

  validation {
    condition     = length(setsubtract(var.endpoints, ["ssm", "secretsmanager", "sqs"])) == 0
    error_message = "Endpoints must be ssm, secretsmanager or sqs: S3 and DynamoDB have gateway endpoints, and the functions use no other service."
  }
}

variable "endpoint_subnet_ids" {
  description = "Subnets of the interface endpoints, one per zone; each zone is billed."
  type        = list(string)

  validation {
    condition     = length(var.endpoints) == 0 || length(var.endpoint_subnet_ids) > 0
    error_message = "Interface endpoints need at least one subnet."
  }
}

variable "peers" {
  description = "Addresses and port of existing stores, by name (database, cache). Stores created by modules add their own rules."
  type        = map(object({ cidr = string, port = number }))
  default     = {}

  validation {
    condition     = alltrue([for peer in values(var.peers) : try(cidrsubnet(peer.cidr, 0, 0) == peer.cidr, false)])
    error_message = "The addresses of a peer must be a block such as 10.20.30.0/24, or 10.20.30.40/32 for a single one."
  }

  validation {
    condition     = alltrue([for peer in values(var.peers) : peer.port >= 1 && peer.port <= 65535])
    error_message = "A port must be a number from 1 to 65535."
  }
}
