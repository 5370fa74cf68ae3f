output "state_bucket" {
  description = "Bucket of the environment's state: `terraform init -backend-config=bucket=...`."
  value       = module.state_bucket.name
}

output "artifact_bucket" {
  description = "Bucket that `make upload` puts the zips into."
  value       = module.artifact_bucket.name
}

output "permissions_boundary_arn" {
  description = "Permissions boundary that every role of the environment carries."
  value       = local.boundary_arn
}

output "role_arns" {
  description = "Roles for GitHub's workflows, if there is a repository: `plan` and `apply`."
  value       = { for name, role in aws_iam_role.this : name => role.arn }
}

output "trusted_subjects" {
  description = "How the subject of GitHub's tokens must begin: with the names of owner and repository, or with names and ids."
  value       = local.repository
}

output "oidc_provider_arn" {
  description = "GitHub's OIDC provider in this account; null without a repository."
  value       = var.github_repository != null ? local.provider_arn : null
}
