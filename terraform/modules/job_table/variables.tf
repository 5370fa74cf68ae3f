variable "prefix" {
  description = "Name prefix of the environment."
  type        = string
}

variable "disposable" {
  description = "Let `destroy` delete the table."
  type        = bool
  default     = false
}

variable "capacity" {
  description = "Capacity units that are always there (min) and that auto-scaling may go up to (max), for the table and for each index; null: on demand."
  type = object({
    read  = object({ min = number, max = number })
    write = object({ min = number, max = number })
  })
  default = null

  validation {
    condition = var.capacity == null ? true : alltrue([for units in values(var.capacity) :
      units.min >= 1 && units.max >= units.min && floor(units.min) == units.min && floor(units.max) == units.max
    ])
    error_message = "Capacity is given in whole units: min is 1 or more, max not less than min."
  }
}

variable "key_arn" {
  description = "Customer KMS key that encrypts the table; null: a key of DynamoDB's own, free."
  type        = string
  default     = null
}
