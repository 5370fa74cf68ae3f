module "submissions" {
  source                   = "./modules/queue"
  platform                 = local.platform
  name                     = "submissions"
  consumer                 = module.submit_job.live
  consumer_timeout_seconds = module.submit_job.timeout_seconds
  maximum_concurrency      = var.functions.queue_concurrency.submissions
}

module "webhooks" {
  source                   = "./modules/queue"
  platform                 = local.platform
  name                     = "webhooks"
  consumer                 = module.process_webhook.live
  consumer_timeout_seconds = module.process_webhook.timeout_seconds
  maximum_concurrency      = var.functions.queue_concurrency.webhooks
}

module "callbacks" {
  source                   = "./modules/queue"
  platform                 = local.platform
  name                     = "callbacks"
  consumer                 = module.deliver_callback.live
  consumer_timeout_seconds = module.deliver_callback.timeout_seconds
  maximum_concurrency      = var.functions.queue_concurrency.callbacks
}
