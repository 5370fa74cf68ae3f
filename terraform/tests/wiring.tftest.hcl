# Who calls whom: always through the alias live.

mock_provider "aws" {
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "replica"
  source = "./tests/mocks"
}

variables {
  packages = { for path in fileset("../lambdas", "*/handler.py") : dirname(path) => "functions/${dirname(path)}-0.zip" }
}

run "every_route_queue_and_schedule_reaches_the_alias_of_its_function" {
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
    error_message = "Two functions hand out the same alias, so the assertions of this file would not tell them apart."
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
}

run "with_an_issuer_every_route_of_a_client_asks_for_its_tokens" {
  variables {
    api = { jwt = { issuer = "https://login.example.com/", audience = ["media"] } }
  }

  assert {
    condition     = module.api.authorizer_target == null && [for key, route in module.api.routes : key if !route.authorized] == ["GET /docs", "GET /health", "GET /openapi.json", "POST /webhook/replicate"]
    error_message = "Tokens are not what every client needs."
  }
}

run "every_name_carries_the_prefix" {
  command = plan

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
}

run "limits_of_users_reach_the_functions_that_keep_and_show_them" {
  command = plan

  variables {
    limits = { rate_per_hour = 5, concurrent_jobs = 3, monthly_budget = 12.5 }
  }

  assert {
    condition = (module.generate_media.environment.RATE_LIMIT_PER_HOUR == "5" && alltrue([for f in [module.generate_media, module.get_usage] :
      f.environment.CONCURRENT_JOBS == "3" && f.environment.MONTHLY_BUDGET == "12.5"
    ]))
    error_message = "A limit is not passed on."
  }
}

run "without_limits_there_are_none" {
  command = plan

  assert {
    condition = alltrue([for f in [module.generate_media, module.get_usage] :
      f.environment.CONCURRENT_JOBS == "" && f.environment.MONTHLY_BUDGET == ""
    ])
    error_message = "A limit was made up."
  }
}

run "a_public_address_and_a_large_output_limit_reach_the_functions" {
  command = plan

  variables {
    api    = { public_url = "https://media.example.com" }
    limits = { max_output_bytes = 5368709120, max_outputs = 100 }
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
}

run "the_copys_bucket_carries_the_account_id_too" {
  command = plan

  variables {
    media_bucket = { replica_region = "us-west-2" }
  }

  assert {
    condition     = [output.media_bucket, module.media_replica[0].name] == ["vsl-test-media-123456789012", "vsl-test-media-replica-123456789012"]
    error_message = "Bucket names are global: without the account id only one account of the world could apply."
  }
}

run "an_environment_may_keep_the_names_without_an_account_id" {
  command = plan

  variables {
    media_bucket = { name = "vsl-test-media", replica_region = "us-west-2" }
  }

  assert {
    condition     = [output.media_bucket, module.media_replica[0].name] == ["vsl-test-media", "vsl-test-media-replica"]
    error_message = "The given name is not used."
  }
}
