variable "platform" {
  description = "What all modules of the environment share: the name prefix, and the bucket that holds the zips."
  type = object({
    prefix          = string
    artifact_bucket = string
  })
}

variable "name" {
  description = "Name without the prefix."
  type        = string
}

variable "package" {
  description = "Key of the zip in the artifact bucket. The key contains a hash of the content, so a new key creates a new version."
  type        = string
}

variable "architectures" {
  description = "Instruction sets that the content supports."
  type        = list(string)
}
