variable "platform" {
  description = "What all modules of the environment share: the name prefix; region and account of the VPC; how long the flow logs are kept and which customer KMS key encrypts them (null: AWS's own); the permissions boundary of roles."
  type = object({
    prefix                   = string
    region                   = string
    account_id               = string
    log_retention_days       = number
    key_arn                  = optional(string)
    permissions_boundary_arn = optional(string)
  })
}

variable "cidr" {
  description = "Address block of the VPC; each subnet is a sixteenth of it. It cannot be changed later."
  type        = string

  validation {
    condition     = can(regex("^(10|172\\.(1[6-9]|2[0-9]|3[01])|192\\.168)\\.[0-9.]+/(1[6-9]|20)$", var.cidr))
    error_message = "The address block must be private (in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16) and a /16 to /20."
  }

  validation {
    condition     = try(cidrsubnet(var.cidr, 0, 0) == var.cidr, false)
    error_message = "The address must be the first one of its block, such as 10.40.0.0/16, not 10.40.1.0/16."
  }
}

variable "zones" {
  description = "Number of availability zones with subnets. A change from 2 to 3 keeps the existing subnets."
  type        = number

  validation {
    condition     = contains([2, 3], var.zones)
    error_message = "The number of zones must be 2 or 3."
  }
}

variable "redundant" {
  description = "Create a NAT gateway in every zone, so that a failing zone does not affect the others; otherwise one in the first zone."
  type        = bool
}
