# What each module promises, looked at from inside.

mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }

  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:us-east-1:123456789012:mock" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:mock" }
  }

  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:us-east-1:123456789012:rule/mock" }
  }

  mock_resource "aws_apigatewayv2_api" {
    defaults = { execution_arn = "arn:aws:execute-api:us-east-1:123456789012:mock" }
  }
}

variables {
  name          = "get-status"
  package       = "functions/get_status-0.zip"
  layers        = []
  memory_mb     = 512
  environment   = { LINK_SECONDS = "900" }
  permissions   = {}
  disposable    = false
  every_minutes = 5

  timeout_seconds          = 10
  consumer_timeout_seconds = 300
  maximum_concurrency      = 2
  log_retention_days       = 30

  platform = {
    prefix             = "vsl-test"
    artifact_bucket    = "vsl-test-artifacts"
    architecture       = "arm64"
    log_level          = "INFO"
    log_retention_days = 30
  }

  function = {
    function_name = "vsl-test-get-status"
    qualifier     = "live"
    arn           = "arn:aws:lambda:us-east-1:123456789012:function:vsl-test-get-status:live"
    invoke_arn    = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:vsl-test-get-status:live/invocations"
  }
}

run "a_function_has_one_name_its_own_log_group_and_a_published_alias" {
  module {
    source = "./modules/function"
  }

  assert {
    condition = alltrue([for name in [
      aws_lambda_function.this.function_name, aws_iam_role.this.name, aws_iam_role_policy.this.name,
    ] : name == "vsl-test-get-status"])
    error_message = "Function and role have different names."
  }

  assert {
    condition     = aws_lambda_function.this.handler == "get_status.handler.lambda_handler"
    error_message = "The handler does not follow from the name."
  }

  assert {
    condition     = aws_lambda_function.this.s3_key == "functions/get_status-0.zip" && aws_lambda_function.this.filename == null
    error_message = "The code does not come from the artifact bucket."
  }

  assert {
    condition     = aws_lambda_function.this.logging_config[0].log_group == "/aws/lambda/vsl-test-get-status"
    error_message = "The function does not name its log group, so it may exist before it."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.retention_in_days == 30
    error_message = "Logs are not kept for the given time."
  }

  assert {
    condition     = aws_lambda_function.this.publish && aws_lambda_alias.live.name == "live" && aws_lambda_alias.live.function_version == aws_lambda_function.this.version
    error_message = "The alias does not point to the published version."
  }

  assert {
    condition     = output.environment == tomap({ LOG_LEVEL = "INFO", LINK_SECONDS = "900" })
    error_message = "The environment is not what was given and the log level."
  }
}

run "an_environment_of_more_than_4_kilobytes_is_refused" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    environment = { MODELS = format("%4090s", "x") }
  }

  expect_failures = [aws_lambda_function.this]
}

run "an_action_with_a_wildcard_is_refused" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    permissions = { ReadEverything = { actions = ["s3:Get*"], resources = ["arn:aws:s3:::vsl-test-media/*"] } }
  }

  expect_failures = [var.permissions]
}

run "a_queue_gives_up_after_five_receives_and_outlasts_its_consumer" {
  module {
    source = "./modules/queue"
  }

  variables {
    prefix   = "vsl-test"
    name     = "webhooks"
    consumer = { arn = "arn:aws:lambda:us-east-1:123456789012:function:vsl-test-process-webhook:live" }
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.this.redrive_policy).maxReceiveCount == 5
    error_message = "A message is not tried five times."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.this.redrive_policy).deadLetterTargetArn == aws_sqs_queue.dead_letters.arn
    error_message = "Failed messages do not go to the queue for dead letters."
  }

  assert {
    condition     = aws_sqs_queue.this.visibility_timeout_seconds == 360
    error_message = "A message could come back while it is being worked on."
  }

  assert {
    condition     = 5 * aws_sqs_queue.this.visibility_timeout_seconds < 3600
    error_message = "Five receives do not fit in the hour in which Replicate keeps results."
  }

  assert {
    condition     = [aws_sqs_queue.this.name, aws_sqs_queue.dead_letters.name] == ["vsl-test-webhooks", "vsl-test-webhooks-dead-letters"]
    error_message = "The queues have other names than the design gives them."
  }

  assert {
    condition     = aws_sqs_queue.this.sqs_managed_sse_enabled && aws_sqs_queue.dead_letters.sqs_managed_sse_enabled
    error_message = "Messages are not encrypted."
  }

  assert {
    condition = alltrue([for queue in [aws_sqs_queue.this, aws_sqs_queue.dead_letters] :
      jsondecode(queue.policy).Statement[0].Effect == "Deny" && jsondecode(queue.policy).Statement[0].Condition.Bool["aws:SecureTransport"] == "false"
    ])
    error_message = "Plaintext is not refused."
  }

  assert {
    condition     = tolist(aws_lambda_event_source_mapping.consumer.function_response_types) == tolist(["ReportBatchItemFailures"])
    error_message = "Partial batch failures are not reported."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.consumer.scaling_config[0].maximum_concurrency == 2
    error_message = "Concurrency is not bounded."
  }
}

run "a_queue_refuses_a_consumer_without_the_alias" {
  command = plan

  module {
    source = "./modules/queue"
  }

  variables {
    prefix   = "vsl-test"
    name     = "webhooks"
    consumer = { arn = "arn:aws:lambda:us-east-1:123456789012:function:vsl-test-process-webhook" }
  }

  expect_failures = [var.consumer]
}

run "a_schedule_may_call_the_alias_and_calls_it" {
  module {
    source = "./modules/schedule"
  }

  variables {
    prefix = "vsl-test"
  }

  assert {
    condition     = aws_cloudwatch_event_rule.this.schedule_expression == "rate(5 minutes)"
    error_message = "The schedule has another rhythm."
  }

  assert {
    condition     = aws_cloudwatch_event_target.function.arn == var.function.arn
    error_message = "The schedule does not call the alias."
  }

  assert {
    condition     = aws_lambda_permission.schedule.qualifier == "live" && aws_lambda_permission.schedule.source_arn == aws_cloudwatch_event_rule.this.arn
    error_message = "The permission is not for the alias and this rule alone."
  }
}

run "an_api_may_call_aliases_for_its_own_routes_only" {
  module {
    source = "./modules/http_api"
  }

  variables {
    prefix     = "vsl-test"
    authorizer = var.function
    routes     = { "GET /status/{jobId}" = { function = var.function, authorized = true } }
  }

  assert {
    condition     = alltrue([for permission in concat(values(aws_lambda_permission.route), [aws_lambda_permission.authorizer]) : permission.qualifier == "live"])
    error_message = "A permission is not for the alias."
  }

  assert {
    condition     = aws_lambda_permission.route["GET /status/{jobId}"].source_arn == "arn:aws:execute-api:us-east-1:123456789012:mock/*/GET/status/{jobId}"
    error_message = "The permission is wider than the route."
  }

  assert {
    condition     = aws_apigatewayv2_route.this["GET /status/{jobId}"].authorization_type == "CUSTOM"
    error_message = "The authorizer is left out."
  }

  assert {
    condition     = aws_apigatewayv2_authorizer.this.enable_simple_responses && aws_apigatewayv2_authorizer.this.authorizer_payload_format_version == "2.0"
    error_message = "The authorizer is asked in another format."
  }

  assert {
    condition     = length(aws_apigatewayv2_api.this.cors_configuration) == 0
    error_message = "CORS is on without having been asked for."
  }

  assert {
    condition     = aws_apigatewayv2_stage.this.name == "$default" && jsondecode(aws_apigatewayv2_stage.this.access_log_settings[0].format).userId == "$context.authorizer.userId"
    error_message = "The access log does not say who asked."
  }
}

run "an_api_refuses_a_function_without_the_alias" {
  command = plan

  module {
    source = "./modules/http_api"
  }

  variables {
    prefix     = "vsl-test"
    authorizer = var.function
    routes     = { "GET /status/{jobId}" = { function = merge(var.function, { qualifier = "$LATEST" }), authorized = true } }
  }

  expect_failures = [var.routes]
}

run "media_are_private_encrypted_versioned_and_only_served_over_tls" {
  module {
    source = "./modules/media_bucket"
  }

  variables {
    prefix = "vsl-test"
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls, aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls, aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "The bucket can be opened to the public."
  }

  assert {
    condition     = [for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule : rule.apply_server_side_encryption_by_default[0].sse_algorithm] == ["AES256"]
    error_message = "Media are not encrypted with AES-256."
  }

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "Replaced media are lost."
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.tls_only[0].policy).Statement[0].Condition.Bool["aws:SecureTransport"] == "false"
    error_message = "Plaintext is not refused."
  }

  assert {
    condition     = !aws_s3_bucket.this.force_destroy
    error_message = "Media can be destroyed in an environment that is not disposable."
  }
}

run "temporary_files_go_after_a_day_and_media_become_cheaper" {
  command = plan

  module {
    source = "./modules/media_bucket"
  }

  variables {
    prefix = "vsl-test"
  }

  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule.expiration[0].days if try(rule.filter[0].prefix, "") == "temp/"] == [1]
    error_message = "temp/ does not expire after a day."
  }

  assert {
    condition     = flatten([for rule in aws_s3_bucket_lifecycle_configuration.this.rule : [for t in rule.transition : t.storage_class]]) == ["INTELLIGENT_TIERING"]
    error_message = "Media are not moved to Intelligent-Tiering."
  }

  assert {
    condition     = flatten([for rule in aws_s3_bucket_lifecycle_configuration.this.rule : [for a in rule.abort_incomplete_multipart_upload : a.days_after_initiation]]) == [1]
    error_message = "Broken uploads are kept."
  }
}

run "live_jobs_are_found_by_id_by_user_and_by_replicate_id_and_expire" {
  module {
    source = "./modules/job_table"
  }

  variables {
    prefix = "vsl-test"
  }

  assert {
    condition     = aws_dynamodb_table.this.hash_key == "jobId" && aws_dynamodb_table.this.range_key == "timestamp"
    error_message = "The key is not job id and creation time."
  }

  assert {
    condition = { for index in aws_dynamodb_table.this.global_secondary_index : index.name => "${index.hash_key} ${index.range_key}" } == {
      GSI1 = "userId timestamp"
      GSI2 = "replicateId timestamp"
    }
    error_message = "The indexes are not those of the design."
  }

  assert {
    condition     = aws_dynamodb_table.this.ttl[0].enabled && aws_dynamodb_table.this.ttl[0].attribute_name == "expiresAt"
    error_message = "Items do not expire."
  }

  assert {
    condition     = aws_dynamodb_table.this.point_in_time_recovery[0].enabled && aws_dynamodb_table.this.deletion_protection_enabled
    error_message = "The table is not protected."
  }
}
