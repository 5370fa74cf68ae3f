output "state_bucket" {
  description = "Bucket of the environment's state: `terraform init -backend-config=bucket=...`."
  value       = module.state_bucket.name
}

output "artifact_bucket" {
  description = "Bucket that `make upload` puts the zips into."
  value       = module.artifact_bucket.name
}

output "role_arns" {
  description = "Roles for GitHub's workflows: `plan` and `apply`."
  value       = { for name, role in aws_iam_role.this : name => role.arn }
}

output "oidc_provider_arn" {
  description = "GitHub's OIDC provider in this account."
  value       = local.provider_arn
}
