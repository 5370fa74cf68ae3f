variable "platform" {
  description = "What all modules of the environment share: the name prefix, and the region and account of the key and of the logs it encrypts."
  type = object({
    prefix     = string
    region     = string
    account_id = string
  })
}
