variable "prefix" {
  description = "Name prefix of the environment."
  type        = string
}

variable "region" {
  description = "AWS region of the key and of the logs it may encrypt."
  type        = string
}
