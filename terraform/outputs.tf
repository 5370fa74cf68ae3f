output "api_url" {
  description = "Address of the API, without a trailing slash."
  value       = module.api.url
}

output "api_domain_target" {
  description = "Target of the CNAME record for the API's custom domain; null without a domain. With a hosted zone Terraform creates the record."
  value       = module.api.domain_target
}

output "function_names" {
  description = "Full name of each function, by folder name."
  value       = { for folder, function in local.functions : folder => function.name }
}

output "media_bucket" {
  description = "Bucket with the generated media."
  value       = module.media_bucket.name
}

output "job_table" {
  description = "Table with the live jobs."
  value       = module.job_table.name
}

output "queue_urls" {
  description = "URL of each queue and of its dead-letter queue."
  value = {
    submissions              = module.submissions.url
    submissions_dead_letters = module.submissions.dead_letters_url
    webhooks                 = module.webhooks.url
    webhooks_dead_letters    = module.webhooks.dead_letters_url
    callbacks                = module.callbacks.url
    callbacks_dead_letters   = module.callbacks.dead_letters_url
  }
}

output "secret_ids" {
  description = "Names of the secrets. They are created empty; their values never pass through Terraform."
  value = {
    replicate_token = module.replicate_token.id
    webhook_secret  = module.webhook_secret.id
  }
}

output "log_groups" {
  description = "Log group of each function, by folder name, and of the API's access log."
  value       = merge({ for folder, function in local.functions : folder => function.log_group }, { api = module.api.log_group })
}
