module "submissions" {
  source                   = "./modules/queue"
  prefix                   = var.prefix
  name                     = "submissions"
  consumer                 = module.submit_job.live
  consumer_timeout_seconds = module.submit_job.timeout_seconds
  maximum_concurrency      = var.functions.queue_concurrency.submissions
  key_arn                  = local.key_arn
  tls_only                 = local.tls_only
}

module "webhooks" {
  source                   = "./modules/queue"
  prefix                   = var.prefix
  name                     = "webhooks"
  consumer                 = module.process_webhook.live
  consumer_timeout_seconds = module.process_webhook.timeout_seconds
  maximum_concurrency      = var.functions.queue_concurrency.webhooks
  key_arn                  = local.key_arn
  tls_only                 = local.tls_only
}
