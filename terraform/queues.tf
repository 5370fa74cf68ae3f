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

module "callbacks" {
  source                   = "./modules/queue"
  prefix                   = var.prefix
  name                     = "callbacks"
  consumer                 = module.deliver_callback.live
  consumer_timeout_seconds = module.deliver_callback.timeout_seconds
  maximum_concurrency      = var.functions.queue_concurrency.callbacks
  key_arn                  = local.key_arn
  tls_only                 = local.tls_only
}
