# Every policy that the root can make, for the tests that read them from `terraform test -json -verbose`.

mock_provider "aws" {
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "replica"
  source = "./tests/mocks"
}

# Resources that the shared mocks give no name of the environment.

override_resource {
  target = module.database[0].aws_secretsmanager_secret.proxy_login
  values = { arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:vsl-test/database-jobs-login-AbCdEf" }
}

override_resource {
  target = module.network[0].aws_cloudwatch_log_group.flows
  values = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vpc/vsl-test-flow-logs" }
}

override_resource {
  target = module.media_replica[0].aws_s3_bucket.this
  values = { arn = "arn:aws:s3:::vsl-test-media-replica-123456789012" }
}

variables {
  packages           = { for path in fileset("../lambdas", "*/handler.py") : dirname(path) => "functions/${dirname(path)}-0.zip" }
  network            = { redundant = true, endpoints = ["ssm", "secretsmanager", "sqs"] }
  database           = { proxy = true }
  cache              = { replicas = 1 }
  database_url       = "" # "not given": in a test, what is ephemeral cannot be left out
  owner_database_url = ""
  redis_url          = ""
  media_bucket       = { replica_region = "us-west-2" }
  job_table          = { capacity = { read = { min = 1, max = 10 }, write = { min = 1, max = 10 } } }
  customer_key       = true
  alarm_topic_arn    = "arn:aws:sns:us-east-1:123456789012:alarms"
  functions          = { snap_start = true, tracing = true }
}

run "everything" {}
