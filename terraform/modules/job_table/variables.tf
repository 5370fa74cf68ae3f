variable "prefix" {
  description = "Name prefix of the environment."
  type        = string
}

variable "disposable" {
  description = "Let `destroy` delete the table."
  type        = bool
  default     = false
}
