variable "prefix" {
  description = "First part of every name, as in the environment's tfvars: vsl-<environment>. vsl-local runs on an emulator without TLS."
  type        = string

  validation {
    condition     = can(regex("^vsl-[a-z][a-z0-9]{1,15}$", var.prefix))
    error_message = "The prefix must be vsl- and the environment's name in lower-case letters and digits, such as vsl-homolog."
  }
}

variable "region" {
  description = "AWS region of the buckets and of the resources that the roles may change."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "The region must be an AWS region code, such as us-east-1."
  }
}

variable "github_repository" {
  description = "Repository whose workflows may assume the roles, with GitHub's ids, because a name can change its owner. immutable_subject: whether the subject of GitHub's tokens contains the ids, as for repositories created, renamed or transferred since 2026-07-15. null: no roles."
  type = object({
    owner             = string
    owner_id          = number
    name              = string
    id                = number
    immutable_subject = optional(bool, true)
  })
  default = null

  validation {
    condition     = alltrue([for r in var.github_repository[*] : can(regex("^[A-Za-z0-9]([A-Za-z0-9-]{0,37}[A-Za-z0-9])?$", r.owner)) && can(regex("^[A-Za-z0-9._-]{1,100}$", r.name))])
    error_message = "Owner and name must be those of github.com/<owner>/<name>, without wildcards."
  }

  validation {
    condition     = alltrue(flatten([for r in var.github_repository[*] : [for id in [r.owner_id, r.id] : id >= 1 && floor(id) == id]]))
    error_message = "The ids must be positive whole numbers: gh api repos/<owner>/<name> --jq '.owner.id, .id'."
  }
}

variable "github_environment" {
  description = "GitHub environment whose jobs may apply; null: the prefix without vsl-."
  type        = string
  default     = null

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{1,255}$", coalesce(var.github_environment, "default")))
    error_message = "The environment must be the name of one GitHub environment, without wildcards."
  }
}

variable "plan_subjects" {
  description = "Workflows that may plan, as the end of GitHub's subject: pull_request, ref:refs/heads/main, or any ref with ref:refs/*."
  type        = list(string)
  default     = ["pull_request"]

  validation {
    condition     = length(var.plan_subjects) > 0 && alltrue([for s in var.plan_subjects : can(regex("^(pull_request|ref:refs/[A-Za-z0-9_./*-]+|environment:[A-Za-z0-9_.-]+)$", s))])
    error_message = "A subject must be pull_request, ref:refs/... (* matches anything), or environment:<name>."
  }
}

variable "plan_parameters" {
  description = "Parameters that plan may read because their URLs hold no password: database-url and owner-database-url of a database created here, redis-url of a cache created here."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for name in var.plan_parameters : contains(["database-url", "owner-database-url", "redis-url"], name)])
    error_message = "The parameters must be database-url, owner-database-url and redis-url."
  }
}

variable "create_oidc_provider" {
  description = "Create GitHub's OIDC provider. An account has only one, so set false if it exists, as for the account's second environment."
  type        = bool
  default     = true
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary that your organisation requires on roles, as in the environment's tfvars; null: the one that is created here."
  type        = string
  default     = null

  validation {
    condition     = can(regex("^arn:aws:iam::[0-9]{12}:policy/[A-Za-z0-9+=,.@_/-]+$", coalesce(var.permissions_boundary_arn, "arn:aws:iam::000000000000:policy/x")))
    error_message = "The permissions boundary must be the ARN of a managed policy, such as arn:aws:iam::123456789012:policy/boundary."
  }
}

variable "hosted_zone_id" {
  description = "Route 53 zone in which apply may write the custom domain's records; null: none."
  type        = string
  default     = null

  validation {
    condition     = can(regex("^Z[A-Z0-9]+$", coalesce(var.hosted_zone_id, "Z0")))
    error_message = "A hosted zone id must begin with Z, such as Z0123456789ABCDEFGHIJ."
  }
}

variable "keep_packages_days" {
  description = "Days for which a zip is kept after its upload. A rollback within this time needs no new build."
  type        = number
  default     = 180

  validation {
    condition     = var.keep_packages_days >= 30
    error_message = "Zips must be kept for at least 30 days: after a month without a deployment there would be nothing to roll back to."
  }
}

variable "replica_region" {
  description = "Second region in which apply may create a key for the copy of the media; null: none. Rights for the bucket do not depend on the region."
  type        = string
  default     = null

  validation {
    condition     = var.replica_region == null ? true : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.replica_region)) && var.replica_region != var.region
    error_message = "The second region must be another AWS region code, such as us-west-2."
  }
}

variable "existing_vpc_id" {
  description = "Existing VPC in which apply may create security groups and endpoints; null: apply creates the VPC."
  type        = string
  default     = null

  validation {
    condition     = can(regex("^vpc-[0-9a-f]+$", coalesce(var.existing_vpc_id, "vpc-0")))
    error_message = "A VPC's id must begin with vpc-, such as vpc-0123456789abcdef0."
  }
}
