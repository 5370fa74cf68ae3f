module "api" {
  source             = "./modules/http_api"
  prefix             = var.prefix
  authorizer         = module.authorize.live
  cors_origins       = var.api.cors_origins
  log_retention_days = var.log_retention_days

  routes = {
    "POST /generate-media"    = { function = module.generate_media.live, authorized = true }
    "POST /webhook/replicate" = { function = module.receive_webhook.live, authorized = false } # signed by Replicate
    "GET /status/{jobId}"     = { function = module.get_status.live, authorized = true }
  }
}
