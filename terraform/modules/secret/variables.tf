variable "prefix" {
  description = "Name prefix of the environment."
  type        = string
}

variable "name" {
  description = "Name without the prefix."
  type        = string

  # Secrets Manager adds a hyphen and six characters to make the ARN: a name that already ends so can be taken for part of another secret's ARN.
  # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
  validation {
    condition     = can(regex("^[a-z]+(-[a-z]+)*$", var.name)) && !can(regex("-[A-Za-z0-9]{6}$", var.name))
    error_message = "A secret's name is lower-case words joined by hyphens, and the last word does not have six letters: AWS ends each ARN with a hyphen and six characters."
  }
}

variable "description" {
  description = "What the secret is, for whoever fills it in."
  type        = string
}

variable "disposable" {
  description = "Delete the secret at once on `destroy`; otherwise it can be restored for a week."
  type        = bool
  default     = false
}

variable "key_arn" {
  description = "Customer KMS key that encrypts the secret; null: the account's AWS key for Secrets Manager, free."
  type        = string
  default     = null
}
