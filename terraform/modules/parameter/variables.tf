variable "platform" {
  description = "What all modules of the environment share: the name prefix, and the customer KMS key that encrypts the value (null: the account's AWS key for Parameter Store, free)."
  type = object({
    prefix  = string
    key_arn = optional(string)
  })
}

variable "name" {
  description = "Name without the prefix."
  type        = string
}

variable "description" {
  description = "What the parameter holds."
  type        = string
}

variable "value" {
  description = "The value. Write-only, so it is in no plan and no state."
  type        = string
  ephemeral   = true
  sensitive   = true
}

variable "value_version" {
  description = "The value is written again if this number changes."
  type        = number
}
