# What the root passes from module to module: calls through the alias live, names with the prefix, limits, metrics of this environment alone.
#
# One apply of this root takes several seconds of CPU time, so everything that the same variables show is one run.

mock_provider "aws" {
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "replica"
  source = "./tests/mocks"
}

# Mocked values are known during the plan, so that a run needs no apply.
mock_provider "aws" {
  alias           = "known"
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  packages = { for path in fileset("../lambdas", "*/handler.py") : dirname(path) => "functions/${dirname(path)}-0.zip" }
}

# Applied: aliases get random ARNs, which are known only then.
run "connects_every_function_through_its_alias_and_names_everything_after_the_environment" {
  # --- calls

  assert {
    condition = module.api.routes == {
      "POST /generate-media"      = { target = module.generate_media.live.invoke_arn, authorized = true }
      "POST /batches"             = { target = module.generate_batch.live.invoke_arn, authorized = true }
      "POST /webhook/replicate"   = { target = module.receive_webhook.live.invoke_arn, authorized = false }
      "GET /status/{jobId}"       = { target = module.get_status.live.invoke_arn, authorized = true }
      "GET /batches/{batchId}"    = { target = module.get_batch.live.invoke_arn, authorized = true }
      "GET /jobs"                 = { target = module.list_jobs.live.invoke_arn, authorized = true }
      "GET /models"               = { target = module.list_models.live.invoke_arn, authorized = true }
      "GET /models/{modelId}"     = { target = module.list_models.live.invoke_arn, authorized = true }
      "POST /jobs/{jobId}/cancel" = { target = module.cancel_job.live.invoke_arn, authorized = true }
      "POST /jobs/{jobId}/retry"  = { target = module.retry_job.live.invoke_arn, authorized = true }
      "DELETE /jobs/{jobId}"      = { target = module.delete_job.live.invoke_arn, authorized = true }

      "GET /jobs/{jobId}/deliveries"  = { target = module.manage_callbacks.live.invoke_arn, authorized = true }
      "POST /jobs/{jobId}/deliveries" = { target = module.manage_callbacks.live.invoke_arn, authorized = true }
      "GET /callback-secret"          = { target = module.manage_callbacks.live.invoke_arn, authorized = true }
      "POST /callback-secret/rotate"  = { target = module.manage_callbacks.live.invoke_arn, authorized = true }
      "GET /usage"                    = { target = module.get_usage.live.invoke_arn, authorized = true }
      "GET /openapi.json"             = { target = module.show_api.live.invoke_arn, authorized = false }
      "GET /docs"                     = { target = module.show_api.live.invoke_arn, authorized = false }
      "GET /health"                   = { target = module.check_health.live.invoke_arn, authorized = false }
    }
    error_message = "A route calls something else than the alias of its function."
  }

  assert {
    condition     = module.api.authorizer_target == module.authorize.live.invoke_arn
    error_message = "The authorizer is not called through its alias."
  }

  assert {
    condition     = length(distinct([for function in local.functions : function.live.arn])) == length(local.functions)
    error_message = "Two functions have the same alias, so the assertions of this file would not tell them apart."
  }

  assert {
    condition     = module.submissions.consumer_arn == module.submit_job.live.arn
    error_message = "The submissions go elsewhere."
  }

  assert {
    condition     = module.webhooks.consumer_arn == module.process_webhook.live.arn
    error_message = "The webhooks go elsewhere."
  }

  assert {
    condition     = module.callbacks.consumer_arn == module.deliver_callback.live.arn
    error_message = "The callbacks go elsewhere."
  }

  assert {
    condition     = alltrue([for f in [module.generate_media, module.generate_batch, module.retry_job, module.deliver_callback] : f.environment.ALLOWED_CALLBACK_ORIGINS == ""])
    error_message = "Callbacks may go elsewhere than to public names."
  }

  assert {
    condition     = module.check_replicate_status_schedule.target_arn == module.check_replicate_status.live.arn
    error_message = "The schedule calls something else."
  }

  assert {
    condition     = module.check_replicate_status.timeout_seconds < 300 && module.check_replicate_status.timeout_seconds >= 180
    error_message = "A run of the check overlaps with the next one, or is too short for the jobs that five minutes may bring."
  }

  assert {
    condition     = module.generate_media.environment.PUBLIC_API_URL == "https://mock.execute-api.us-east-1.amazonaws.com"
    error_message = "Replicate would be told a wrong address."
  }

  # --- names

  assert {
    condition     = alltrue([for folder, name in output.function_names : name == "vsl-test-${replace(folder, "_", "-")}"])
    error_message = "A function is not named after its folder."
  }

  assert {
    condition = output.log_groups == merge(
      { for folder, name in output.function_names : folder => "/aws/lambda/${name}" },
      { api = "/aws/apigateway/vsl-test-api" },
    )
    error_message = "A log group is not named after its function."
  }

  assert {
    condition = [output.media_bucket, output.job_table, output.secret_ids.replicate_token, output.secret_ids.webhook_secret] == [
      "vsl-test-media-123456789012", "vsl-test-realtime-jobs", "vsl-test/replicate-api-token", "vsl-test/replicate-webhook-secrets",
    ]
    error_message = "A store has another name than the design gives it."
  }

  assert {
    condition     = [module.database_url.name, module.redis_url.name] == ["/vsl-test/database-url", "/vsl-test/redis-url"]
    error_message = "A parameter has another name than the design gives it."
  }

  assert {
    condition     = module.manage_access.environment.KEY_PREFIX == "vsl_test"
    error_message = "API keys do not carry the environment's name."
  }

  # --- limits

  assert {
    condition = alltrue([for f in [module.generate_media, module.get_usage] :
      f.environment.CONCURRENT_JOBS == "" && f.environment.MONTHLY_BUDGET == ""
    ])
    error_message = "A limit was made up."
  }

  # --- alarms

  assert {
    condition = [for alarms in [module.function_alarms, module.throttle_alarms] : { for folder, alarm in alarms : folder => alarm.watches }] == [
      for metric in ["Errors", "Throttles"] : { for folder, name in output.function_names : folder => "AWS/Lambda/${metric}?FunctionName=${name}" }
    ]
    error_message = "A function has no alarm for its errors or throttles, or one that watches another function."
  }

  assert {
    condition = { for queue, alarm in module.dead_letter_alarms : queue => alarm.watches } == {
      for queue in ["submissions", "webhooks", "callbacks"] : queue => "AWS/SQS/ApproximateNumberOfMessagesVisible?QueueName=vsl-test-${queue}-dead-letters"
    }
    error_message = "A dead-letter queue has no alarm, or one that watches another queue."
  }

  assert {
    condition = { for name, alarm in merge(module.event_alarms, { server-errors = module.server_error_alarm }) : name => alarm.watches } == { for name, metric in {
      media-expired         = "MediaExpired"
      outcome-unknown       = "OutcomeUnknown"
      epoch-not-renewed     = "EpochNotRenewed"
      media-kept            = "MediaKept"
      jobs-in-danger        = "JobsInDanger"
      jobs-overdue          = "JobsOverdue"
      provider-account      = "ProviderAccountProblem"
      ffmpeg-unusable       = "FfmpegUnusable"
      duplicate-predictions = "DuplicatePredictions"
      model-outage          = "ModelOutage"
      server-errors         = "ServerErrors"
    } : name => "VSL/MediaGeneration/${metric}?Environment=vsl-test" }
    error_message = "An event that must wake the on-call engineer has no alarm, or one that watches another metric."
  }
}

run "passes_settings_to_the_functions_that_use_them" {
  command = plan

  providers = {
    aws         = aws.known
    aws.replica = aws.known
  }

  variables {
    api          = { jwt = { issuer = "https://login.example.com/", audience = ["media"] }, public_url = "https://media.example.com" }
    limits       = { rate_per_hour = 5, concurrent_jobs = 3, monthly_budget = 12.5, max_output_bytes = 5368709120, max_outputs = 100 }
    media_bucket = { replica_region = "us-west-2" }
  }

  assert {
    condition     = module.api.authorizer_target == null && [for key, route in module.api.routes : key if !route.authorized] == ["GET /docs", "GET /health", "GET /openapi.json", "POST /webhook/replicate"]
    error_message = "Tokens are not what every client needs."
  }

  assert {
    condition = (module.generate_media.environment.RATE_LIMIT_PER_HOUR == "5" && alltrue([for f in [module.generate_media, module.get_usage] :
      f.environment.CONCURRENT_JOBS == "3" && f.environment.MONTHLY_BUDGET == "12.5"
    ]))
    error_message = "A limit is not passed on."
  }

  assert {
    condition     = alltrue([for f in [module.generate_media, module.submit_job] : f.environment.PUBLIC_API_URL == "https://media.example.com"])
    error_message = "The given address is not used."
  }

  assert {
    condition     = module.process_webhook.temporary_storage_mb == 10240
    error_message = "The largest output and its derivatives do not fit in /tmp."
  }

  assert {
    condition     = module.process_webhook.environment.MAX_OUTPUTS == "100"
    error_message = "The limit of outputs does not reach the function that stores them."
  }

  assert {
    condition     = [output.media_bucket, module.media_replica[0].name] == ["vsl-test-media-123456789012", "vsl-test-media-replica-123456789012"]
    error_message = "Bucket names are global: without the account id only one account of the world could apply."
  }
}

run "shares_no_metric_and_no_alarm_name_with_another_environment_of_the_account" {
  command = plan

  providers = {
    aws         = aws.known
    aws.replica = aws.known
  }

  variables {
    prefix       = "vsl-test2" # begins like the name of the other environment
    media_bucket = { name = "vsl-test2-media", replica_region = "us-west-2" }
  }

  assert {
    condition = alltrue([for alarm in flatten([[module.server_error_alarm], [for alarms in [module.function_alarms, module.throttle_alarms, module.dead_letter_alarms, module.event_alarms] : values(alarms)]]) :
      can(regex("=vsl-test2(-|$)", alarm.watches)) && startswith(alarm.name, "vsl-test2-")
    ])
    error_message = "An alarm watches a metric that another environment may write, or has a name that another environment uses."
  }

  assert {
    condition     = alltrue([for function in local.functions : function.environment.ENVIRONMENT == "vsl-test2"])
    error_message = "A function would write its metrics for another environment."
  }

  assert {
    condition     = [output.media_bucket, module.media_replica[0].name] == ["vsl-test2-media", "vsl-test2-media-replica"]
    error_message = "The given name is not used."
  }
}
