module "submissions" {
  source                   = "./modules/queue"
  prefix                   = var.prefix
  name                     = "submissions"
  consumer                 = module.submit_job.live
  consumer_timeout_seconds = module.submit_job.timeout_seconds
  maximum_concurrency      = 5 # what waits here waits because Replicate asked for less
  tls_only                 = local.tls_only
}

module "webhooks" {
  source                   = "./modules/queue"
  prefix                   = var.prefix
  name                     = "webhooks"
  consumer                 = module.process_webhook.live
  consumer_timeout_seconds = module.process_webhook.timeout_seconds
  maximum_concurrency      = 20
  tls_only                 = local.tls_only
}
