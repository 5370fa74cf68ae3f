# What `make upload` would write.
artifact_bucket = "vsl-test-artifacts"

packages = {
  authorize              = "functions/authorize-0.zip"
  generate_media         = "functions/generate_media-0.zip"
  generate_batch         = "functions/generate_batch-0.zip"
  submit_job             = "functions/submit_job-0.zip"
  receive_webhook        = "functions/receive_webhook-0.zip"
  process_webhook        = "functions/process_webhook-0.zip"
  deliver_callback       = "functions/deliver_callback-0.zip"
  get_status             = "functions/get_status-0.zip"
  get_batch              = "functions/get_batch-0.zip"
  list_jobs              = "functions/list_jobs-0.zip"
  list_models            = "functions/list_models-0.zip"
  cancel_job             = "functions/cancel_job-0.zip"
  retry_job              = "functions/retry_job-0.zip"
  delete_job             = "functions/delete_job-0.zip"
  manage_callbacks       = "functions/manage_callbacks-0.zip"
  get_usage              = "functions/get_usage-0.zip"
  show_api               = "functions/show_api-0.zip"
  check_health           = "functions/check_health-0.zip"
  check_replicate_status = "functions/check_replicate_status-0.zip"
  apply_migrations       = "functions/apply_migrations-0.zip"
  manage_access          = "functions/manage_access-0.zip"
}

layers = {
  shared = "layers/shared-0.zip"
  ffmpeg = "layers/ffmpeg-arm64-0.zip"
}
