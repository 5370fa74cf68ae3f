variable "platform" {
  description = "What all modules of the environment share: the name prefix, disposable (`destroy` may delete the table), and the customer KMS key that encrypts the table (null: a key of DynamoDB's own, free)."
  type = object({
    prefix     = string
    disposable = optional(bool, false)
    key_arn    = optional(string)
  })
}

variable "capacity" {
  description = "Lowest (min) and highest (max) capacity units that auto-scaling may set, for the table and for each index; null: on demand."
  type = object({
    read  = object({ min = number, max = number })
    write = object({ min = number, max = number })
  })
  default = null

  validation {
    condition = var.capacity == null ? true : alltrue([for units in values(var.capacity) :
      units.min >= 1 && units.max >= units.min && floor(units.min) == units.min && floor(units.max) == units.max
    ])
    error_message = "Capacity must be whole units: min at least 1, max at least min."
  }
}
