variable "prefix" {
  description = "Name prefix of the environment."
  type        = string
}

variable "region" {
  description = "AWS region of the VPC."
  type        = string
}

variable "cidr" {
  description = "Addresses of the VPC; every subnet is a sixteenth of them. It cannot be changed later."
  type        = string

  validation {
    condition     = can(regex("^(10|172\\.(1[6-9]|2[0-9]|3[01])|192\\.168)\\.[0-9.]+/(1[6-9]|20)$", var.cidr))
    error_message = "The VPC has private addresses (10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16), a /16 to a /20 of them."
  }

  validation {
    condition     = try(cidrsubnet(var.cidr, 0, 0) == var.cidr, false)
    error_message = "The addresses begin where their block begins, such as 10.40.0.0/16, not 10.40.1.0/16."
  }
}

variable "zones" {
  description = "Over how many availability zones the subnets spread. From 2 to 3 keeps what is there."
  type        = number

  validation {
    condition     = contains([2, 3], var.zones)
    error_message = "Two zones or three."
  }
}

variable "redundant" {
  description = "A NAT gateway in every zone, so that a zone that fails takes no other with it; otherwise one in the first zone."
  type        = bool
}

variable "log_retention_days" {
  description = "How long the flow logs are kept."
  type        = number
}

variable "key_arn" {
  description = "ARN of the customer key that encrypts the flow logs; CloudWatch's own key unless set."
  type        = string
  default     = null
}

variable "permissions_boundary_arn" {
  description = "Managed policy that limits what the module's role may do; null: none."
  type        = string
  default     = null
}
