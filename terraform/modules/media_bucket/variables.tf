variable "prefix" {
  description = "Name prefix of the environment."
  type        = string
}

variable "disposable" {
  description = "Let `destroy` delete the bucket with all media in it."
  type        = bool
  default     = false
}

variable "tls_only" {
  description = "Refuse requests that do not come over TLS."
  type        = bool
  default     = true
}
