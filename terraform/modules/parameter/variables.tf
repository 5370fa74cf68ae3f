variable "prefix" {
  description = "Name prefix of the environment."
  type        = string
}

variable "name" {
  description = "Name without the prefix."
  type        = string
}

variable "description" {
  description = "What the parameter says."
  type        = string
}

variable "value" {
  description = "The value; write-only, so it is in no plan and no state."
  type        = string
  ephemeral   = true
  sensitive   = true
}

variable "value_version" {
  description = "The value is written again when this number changes."
  type        = number
}

variable "key_arn" {
  description = "Customer KMS key that encrypts the value; null: the account's AWS key for Parameter Store, free."
  type        = string
  default     = null
}
