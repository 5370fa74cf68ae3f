variable "prefix" {
  description = "Name prefix of the environment."
  type        = string
}

variable "region" {
  description = "AWS region of the VPC."
  type        = string
}

variable "vpc_id" {
  description = "The VPC, ours or a brought one."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the functions, one for each zone, with a route to the internet through NAT."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) > 0
    error_message = "Functions need a subnet; two in different zones let one zone fail."
  }
}

variable "endpoints" {
  description = "AWS services with an interface endpoint in the VPC: ssm (Parameter Store), secretsmanager, sqs."
  type        = set(string)

  validation {
    condition     = length(setsubtract(var.endpoints, ["ssm", "secretsmanager", "sqs"])) == 0
    error_message = "Endpoints are for ssm, secretsmanager and sqs; S3 and DynamoDB have gateway endpoints, and the functions use nothing else."
  }
}

variable "endpoint_subnet_ids" {
  description = "Subnets of the interface endpoints, one for each zone that is to have them; every zone is billed."
  type        = list(string)

  validation {
    condition     = length(var.endpoints) == 0 || length(var.endpoint_subnet_ids) > 0
    error_message = "Interface endpoints need a subnet to be in."
  }
}

variable "peers" {
  description = "Stores that were brought along, by name (database, cache): their addresses and port. Those made by our modules add their own rules."
  type        = map(object({ cidr = string, port = number }))
  default     = {}

  validation {
    condition     = alltrue([for peer in values(var.peers) : try(cidrsubnet(peer.cidr, 0, 0) == peer.cidr, false)])
    error_message = "The addresses of a peer are a block such as 10.20.30.0/24, or 10.20.30.40/32 for a single one."
  }

  validation {
    condition     = alltrue([for peer in values(var.peers) : peer.port >= 1 && peer.port <= 65535])
    error_message = "A port is a number from 1 to 65535."
  }
}
