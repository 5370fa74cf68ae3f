variable "platform" {
  description = "What all modules of the environment share: the name prefix, disposable (`destroy` deletes the secret at once, otherwise it can be restored for a week), and the customer KMS key that encrypts the secret (null: the account's AWS key for Secrets Manager, free)."
  type = object({
    prefix     = string
    disposable = optional(bool, false)
    key_arn    = optional(string)
  })
}

variable "name" {
  description = "Name without the prefix."
  type        = string

  # Secrets Manager adds a hyphen and six characters to the ARN. A name that ends like that can be mistaken for part of another secret's ARN.
  # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
  validation {
    condition     = can(regex("^[a-z]+(-[a-z]+)*$", var.name)) && !can(regex("-[A-Za-z0-9]{6}$", var.name))
    error_message = "A secret's name must be lower-case words joined by hyphens, and its last word must not have six letters: AWS ends each ARN with a hyphen and six characters."
  }
}

variable "description" {
  description = "What the secret holds, for the operator who sets it."
  type        = string
}
