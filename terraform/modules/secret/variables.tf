variable "prefix" {
  description = "Name prefix of the environment."
  type        = string
}

variable "name" {
  description = "Name without the prefix."
  type        = string
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
