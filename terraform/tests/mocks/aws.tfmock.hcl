# What AWS would answer. Types whose ARNs only need the right shape come first, then resources that tests tell apart.

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
}

mock_resource "aws_lambda_layer_version" {
  defaults = { arn = "arn:aws:lambda:us-east-1:123456789012:layer:mock:1" }
}

mock_resource "aws_lambda_function" {
  defaults = { version = "7" }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:mock" }
}

mock_resource "aws_cloudwatch_event_rule" {
  defaults = { arn = "arn:aws:events:us-east-1:123456789012:rule/mock" }
}

mock_resource "aws_apigatewayv2_api" {
  defaults = {
    api_endpoint  = "https://mock.execute-api.us-east-1.amazonaws.com"
    execution_arn = "arn:aws:execute-api:us-east-1:123456789012:mock"
  }
}

mock_resource "aws_secretsmanager_secret" {
  defaults = { arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:mock-AbCdEf" }
}

mock_resource "aws_s3_bucket" {
  defaults = { arn = "arn:aws:s3:::mock" }
}

mock_resource "aws_kms_key" {
  defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/mock" }
}

mock_resource "aws_db_instance" {
  defaults = {
    arn                = "arn:aws:rds:us-east-1:123456789012:db:vsl-test-database"
    address            = "vsl-test-database.mock.us-east-1.rds.amazonaws.com"
    resource_id        = "db-MOCK"
    master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-mock-AbCdEf" }]
  }
}

mock_resource "aws_db_proxy_default_target_group" {
  defaults = { name = "default" }
}

mock_resource "aws_db_proxy" {
  defaults = {
    arn      = "arn:aws:rds:us-east-1:123456789012:db-proxy:prx-mock"
    endpoint = "vsl-test-database.proxy-mock.us-east-1.rds.amazonaws.com"
  }
}

mock_resource "aws_elasticache_replication_group" {
  defaults = {
    arn                      = "arn:aws:elasticache:us-east-1:123456789012:replicationgroup:vsl-test-cache"
    primary_endpoint_address = "master.vsl-test-cache.mock.use1.cache.amazonaws.com"
  }
}

mock_resource "aws_elasticache_user" {
  defaults = { arn = "arn:aws:elasticache:us-east-1:123456789012:user:vsl-test" }
}

mock_resource "aws_acm_certificate" {
  defaults = {
    arn                       = "arn:aws:acm:us-east-1:123456789012:certificate/mock"
    domain_validation_options = [{ resource_record_name = "_mock.example.com", resource_record_type = "CNAME", resource_record_value = "mock.acm.test" }]
  }
}

mock_resource "aws_acm_certificate_validation" {
  defaults = { certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/mock" }
}

mock_data "aws_caller_identity" {
  defaults = { account_id = "123456789012" }
}

mock_data "aws_availability_zones" {
  defaults = {
    names    = ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"]
    zone_ids = ["use1-az1", "use1-az2", "use1-az4", "use1-az6"]
  }
}

mock_data "aws_prefix_list" {
  defaults = { id = "pl-0123456789abcdef0" }
}

mock_resource "aws_vpc" {
  defaults = { arn = "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-mock", id = "vpc-mock" }
}

override_resource {
  target = module.job_table.aws_dynamodb_table.this
  values = { arn = "arn:aws:dynamodb:us-east-1:123456789012:table/vsl-test-realtime-jobs" }
}

override_resource {
  target = module.media_bucket.aws_s3_bucket.this
  values = { arn = "arn:aws:s3:::vsl-test-media-123456789012" }
}

override_resource {
  target = module.database_url.aws_ssm_parameter.this
  values = { arn = "arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/database-url" }
}

override_resource {
  target = module.redis_url.aws_ssm_parameter.this
  values = { arn = "arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/redis-url" }
}

override_resource {
  target = module.replicate_token.aws_secretsmanager_secret.this
  values = { arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:vsl-test/replicate-api-token-AbCdEf" }
}

override_resource {
  target = module.webhook_secret.aws_secretsmanager_secret.this
  values = { arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:vsl-test/replicate-webhook-secrets-AbCdEf" }
}

override_resource {
  target = module.submissions.aws_sqs_queue.this
  values = {
    arn = "arn:aws:sqs:us-east-1:123456789012:vsl-test-submissions"
    url = "https://sqs.us-east-1.amazonaws.com/123456789012/vsl-test-submissions"
  }
}

override_resource {
  target = module.submissions.aws_sqs_queue.dead_letters
  values = {
    arn = "arn:aws:sqs:us-east-1:123456789012:vsl-test-submissions-dead-letters"
    url = "https://sqs.us-east-1.amazonaws.com/123456789012/vsl-test-submissions-dead-letters"
  }
}

override_resource {
  target = module.webhooks.aws_sqs_queue.this
  values = {
    arn = "arn:aws:sqs:us-east-1:123456789012:vsl-test-webhooks"
    url = "https://sqs.us-east-1.amazonaws.com/123456789012/vsl-test-webhooks"
  }
}

override_resource {
  target = module.webhooks.aws_sqs_queue.dead_letters
  values = {
    arn = "arn:aws:sqs:us-east-1:123456789012:vsl-test-webhooks-dead-letters"
    url = "https://sqs.us-east-1.amazonaws.com/123456789012/vsl-test-webhooks-dead-letters"
  }
}

override_resource {
  target = module.callbacks.aws_sqs_queue.this
  values = {
    arn = "arn:aws:sqs:us-east-1:123456789012:vsl-test-callbacks"
    url = "https://sqs.us-east-1.amazonaws.com/123456789012/vsl-test-callbacks"
  }
}

override_resource {
  target = module.callbacks.aws_sqs_queue.dead_letters
  values = {
    arn = "arn:aws:sqs:us-east-1:123456789012:vsl-test-callbacks-dead-letters"
    url = "https://sqs.us-east-1.amazonaws.com/123456789012/vsl-test-callbacks-dead-letters"
  }
}

override_resource {
  target = module.owner_database_url.aws_ssm_parameter.this
  values = { arn = "arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/owner-database-url" }
}

# Their ARNs are validated as ARNs. Those of the other functions are random texts, which tests can tell apart too.

override_resource {
  target = module.submit_job.aws_lambda_alias.live
  values = { arn = "arn:aws:lambda:us-east-1:123456789012:function:vsl-test-submit-job:live" }
}

override_resource {
  target = module.process_webhook.aws_lambda_alias.live
  values = { arn = "arn:aws:lambda:us-east-1:123456789012:function:vsl-test-process-webhook:live" }
}

override_resource {
  target = module.deliver_callback.aws_lambda_alias.live
  values = { arn = "arn:aws:lambda:us-east-1:123456789012:function:vsl-test-deliver-callback:live" }
}

override_resource {
  target = module.check_replicate_status.aws_lambda_alias.live
  values = { arn = "arn:aws:lambda:us-east-1:123456789012:function:vsl-test-check-replicate-status:live" }
}
