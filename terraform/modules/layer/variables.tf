variable "prefix" {
  description = "Name prefix of the environment."
  type        = string
}

variable "name" {
  description = "Name without the prefix."
  type        = string
}

variable "artifact_bucket" {
  description = "Bucket that holds the zip."
  type        = string
}

variable "package" {
  description = "Key of the zip in the artifact bucket; it holds a hash of the content, so a new key is a new version."
  type        = string
}

variable "architectures" {
  description = "Instruction sets the content runs on."
  type        = list(string)
}
