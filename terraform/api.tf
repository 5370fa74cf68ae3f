locals {
  # Five times the clients' rate, because Replicate sends up to three webhooks per job.
  webhook_throttling = {
    requests_per_second = 5 * var.api.throttling.requests_per_second
    burst               = 5 * var.api.throttling.burst
  }

  # /health needs no key. The limit bounds the cost of requests and of deep checks.
  health_throttling = { requests_per_second = 10, burst = 20 }
}

module "api" {
  source       = "./modules/http_api"
  platform     = local.platform
  authorizer   = module.authorize.live
  jwt          = var.api.jwt
  cors_origins = var.api.cors_origins
  throttling   = var.api.throttling
  domain       = var.api.domain

  routes = {
    "POST /generate-media" = { function = module.generate_media.live, authorized = true }
    "POST /batches"        = { function = module.generate_batch.live, authorized = true }
    # No key: Replicate signs its webhooks. A separate limit, because client requests must not delay results that are paid for.
    "POST /webhook/replicate"   = { function = module.receive_webhook.live, authorized = false, throttling = local.webhook_throttling }
    "GET /status/{jobId}"       = { function = module.get_status.live, authorized = true }
    "GET /batches/{batchId}"    = { function = module.get_batch.live, authorized = true }
    "GET /jobs"                 = { function = module.list_jobs.live, authorized = true }
    "GET /models"               = { function = module.list_models.live, authorized = true }
    "GET /models/{modelId}"     = { function = module.list_models.live, authorized = true }
    "POST /jobs/{jobId}/cancel" = { function = module.cancel_job.live, authorized = true }
    "POST /jobs/{jobId}/retry"  = { function = module.retry_job.live, authorized = true }
    "DELETE /jobs/{jobId}"      = { function = module.delete_job.live, authorized = true }

    "GET /jobs/{jobId}/deliveries"  = { function = module.manage_callbacks.live, authorized = true }
    "POST /jobs/{jobId}/deliveries" = { function = module.manage_callbacks.live, authorized = true }
    "GET /callback-secret"          = { function = module.manage_callbacks.live, authorized = true }
    "POST /callback-secret/rotate"  = { function = module.manage_callbacks.live, authorized = true }
    "GET /usage"                    = { function = module.get_usage.live, authorized = true }
    # Public. A deep check of /health verifies its key itself.
    "GET /openapi.json" = { function = module.show_api.live, authorized = false }
    "GET /docs"         = { function = module.show_api.live, authorized = false }
    "GET /health"       = { function = module.check_health.live, authorized = false, throttling = local.health_throttling }
  }
}
