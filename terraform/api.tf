module "api" {
  source             = "./modules/http_api"
  prefix             = var.prefix
  authorizer         = module.authorize.live
  cors_origins       = var.api.cors_origins
  throttling         = var.api.throttling
  domain             = var.api.domain
  log_retention_days = var.logs.retention_days
  key_arn            = local.key_arn

  routes = {
    "POST /generate-media"    = { function = module.generate_media.live, authorized = true }
    "POST /webhook/replicate" = { function = module.receive_webhook.live, authorized = false } # signed by Replicate
    "GET /status/{jobId}"     = { function = module.get_status.live, authorized = true }
  }
}
