# Exactly what each role may do. A change here is a change of somebody's rights: make it on purpose.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "aws" {
  alias           = "replica"
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  packages = { for path in fileset("../lambdas", "*/handler.py") : dirname(path) => "functions/${dirname(path)}-0.zip" }
}

run "every_function_may_do_what_it_needs_and_nothing_else" {
  command = plan

  assert {
    condition = { for sid, s in module.authorize.statements : sid => "${join(" ", s.actions)} on ${join(" ", s.resources)}" } == {
      ReadDatabaseUrl = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/database-url"
      ReadRedisUrl    = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/redis-url"
      WriteOwnLog     = "logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/vsl-test-authorize:*"
    }
    error_message = "The permissions of authorize are not these."
  }

  assert {
    condition = { for sid, s in module.generate_media.statements : sid => "${join(" ", s.actions)} on ${join(" ", s.resources)}" } == {
      ReadDatabaseUrl       = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/database-url"
      ReadRedisUrl          = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/redis-url"
      ReadReplicateApiToken = "secretsmanager:GetSecretValue on arn:aws:secretsmanager:us-east-1:123456789012:secret:vsl-test/replicate-api-token-AbCdEf"
      SendToSubmissions     = "sqs:SendMessage on arn:aws:sqs:us-east-1:123456789012:vsl-test-submissions"
      SendToCallbacks       = "sqs:SendMessage on arn:aws:sqs:us-east-1:123456789012:vsl-test-callbacks"
      WriteLiveJob          = "dynamodb:PutItem on arn:aws:dynamodb:us-east-1:123456789012:table/vsl-test-realtime-jobs"
      WriteOwnLog           = "logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/vsl-test-generate-media:*"
    }
    error_message = "The permissions of generate_media are not these."
  }

  assert {
    condition = { for sid, s in module.generate_batch.statements : sid => "${join(" ", s.actions)} on ${join(" ", s.resources)}" } == {
      ReadDatabaseUrl   = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/database-url"
      ReadRedisUrl      = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/redis-url"
      SendToSubmissions = "sqs:SendMessage on arn:aws:sqs:us-east-1:123456789012:vsl-test-submissions"
      WriteOwnLog       = "logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/vsl-test-generate-batch:*"
    }
    error_message = "The permissions of generate_batch are not these."
  }

  assert {
    condition = { for sid, s in module.submit_job.statements : sid => "${join(" ", s.actions)} on ${join(" ", s.resources)}" } == {
      ReadDatabaseUrl       = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/database-url"
      ReadRedisUrl          = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/redis-url"
      ReadReplicateApiToken = "secretsmanager:GetSecretValue on arn:aws:secretsmanager:us-east-1:123456789012:secret:vsl-test/replicate-api-token-AbCdEf"
      SendToSubmissions     = "sqs:SendMessage on arn:aws:sqs:us-east-1:123456789012:vsl-test-submissions"
      ConsumeSubmissions    = "sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes sqs:ChangeMessageVisibility on arn:aws:sqs:us-east-1:123456789012:vsl-test-submissions"
      SendToCallbacks       = "sqs:SendMessage on arn:aws:sqs:us-east-1:123456789012:vsl-test-callbacks"
      WriteLiveJob          = "dynamodb:PutItem on arn:aws:dynamodb:us-east-1:123456789012:table/vsl-test-realtime-jobs"
      WriteOwnLog           = "logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/vsl-test-submit-job:*"
    }
    error_message = "The permissions of submit_job are not these."
  }

  assert {
    condition = { for sid, s in module.receive_webhook.statements : sid => "${join(" ", s.actions)} on ${join(" ", s.resources)}" } == {
      ReadReplicateWebhookSecrets = "secretsmanager:GetSecretValue on arn:aws:secretsmanager:us-east-1:123456789012:secret:vsl-test/replicate-webhook-secrets-AbCdEf"
      SendToWebhooks              = "sqs:SendMessage on arn:aws:sqs:us-east-1:123456789012:vsl-test-webhooks"
      WriteOwnLog                 = "logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/vsl-test-receive-webhook:*"
    }
    error_message = "The permissions of receive_webhook are not these."
  }

  assert {
    condition = { for sid, s in module.process_webhook.statements : sid => "${join(" ", s.actions)} on ${join(" ", s.resources)}" } == {
      ReadDatabaseUrl       = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/database-url"
      ReadRedisUrl          = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/redis-url"
      ReadReplicateApiToken = "secretsmanager:GetSecretValue on arn:aws:secretsmanager:us-east-1:123456789012:secret:vsl-test/replicate-api-token-AbCdEf"
      ReadMediaMetadata     = "s3:GetObject on arn:aws:s3:::vsl-test-media-123456789012/videos/*/metadata.json arn:aws:s3:::vsl-test-media-123456789012/images/*/metadata.json arn:aws:s3:::vsl-test-media-123456789012/audio/*/metadata.json"
      StoreMedia            = "s3:PutObject on arn:aws:s3:::vsl-test-media-123456789012/videos/* arn:aws:s3:::vsl-test-media-123456789012/images/* arn:aws:s3:::vsl-test-media-123456789012/audio/*"
      ConsumeWebhooks       = "sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes sqs:ChangeMessageVisibility on arn:aws:sqs:us-east-1:123456789012:vsl-test-webhooks"
      SendToCallbacks       = "sqs:SendMessage on arn:aws:sqs:us-east-1:123456789012:vsl-test-callbacks"
      WriteLiveJob          = "dynamodb:PutItem on arn:aws:dynamodb:us-east-1:123456789012:table/vsl-test-realtime-jobs"
      WriteOwnLog           = "logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/vsl-test-process-webhook:*"
    }
    error_message = "The permissions of process_webhook are not these."
  }

  assert {
    condition = { for sid, s in module.deliver_callback.statements : sid => "${join(" ", s.actions)} on ${join(" ", s.resources)}" } == {
      ReadDatabaseUrl  = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/database-url"
      SendToCallbacks  = "sqs:SendMessage on arn:aws:sqs:us-east-1:123456789012:vsl-test-callbacks"
      SignLinksToMedia = "s3:GetObject on arn:aws:s3:::vsl-test-media-123456789012/videos/* arn:aws:s3:::vsl-test-media-123456789012/images/* arn:aws:s3:::vsl-test-media-123456789012/audio/*"
      ConsumeCallbacks = "sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes sqs:ChangeMessageVisibility on arn:aws:sqs:us-east-1:123456789012:vsl-test-callbacks"
      WriteOwnLog      = "logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/vsl-test-deliver-callback:*"
    }
    error_message = "The permissions of deliver_callback are not these."
  }

  assert {
    condition = { for sid, s in module.get_status.statements : sid => "${join(" ", s.actions)} on ${join(" ", s.resources)}" } == {
      ReadDatabaseUrl  = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/database-url"
      ReadLiveJob      = "dynamodb:GetItem on arn:aws:dynamodb:us-east-1:123456789012:table/vsl-test-realtime-jobs"
      ReadRedisUrl     = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/redis-url"
      SignLinksToMedia = "s3:GetObject on arn:aws:s3:::vsl-test-media-123456789012/videos/* arn:aws:s3:::vsl-test-media-123456789012/images/* arn:aws:s3:::vsl-test-media-123456789012/audio/*"
      WriteLiveJob     = "dynamodb:PutItem on arn:aws:dynamodb:us-east-1:123456789012:table/vsl-test-realtime-jobs"
      WriteOwnLog      = "logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/vsl-test-get-status:*"
    }
    error_message = "The permissions of get_status are not these."
  }

  assert {
    condition = { for sid, s in module.get_batch.statements : sid => "${join(" ", s.actions)} on ${join(" ", s.resources)}" } == {
      ReadDatabaseUrl = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/database-url"
      WriteOwnLog     = "logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/vsl-test-get-batch:*"
    }
    error_message = "The permissions of get_batch are not these."
  }

  assert {
    condition = { for sid, s in module.list_jobs.statements : sid => "${join(" ", s.actions)} on ${join(" ", s.resources)}" } == {
      ReadDatabaseUrl = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/database-url"
      WriteOwnLog     = "logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/vsl-test-list-jobs:*"
    }
    error_message = "The permissions of list_jobs are not these."
  }

  assert {
    condition = { for sid, s in module.list_models.statements : sid => "${join(" ", s.actions)} on ${join(" ", s.resources)}" } == {
      ReadDatabaseUrl = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/database-url"
      ReadRedisUrl    = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/redis-url"
      WriteOwnLog     = "logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/vsl-test-list-models:*"
    }
    error_message = "The permissions of list_models are not these."
  }

  assert {
    condition = { for sid, s in module.cancel_job.statements : sid => "${join(" ", s.actions)} on ${join(" ", s.resources)}" } == {
      ReadDatabaseUrl       = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/database-url"
      ReadRedisUrl          = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/redis-url"
      ReadReplicateApiToken = "secretsmanager:GetSecretValue on arn:aws:secretsmanager:us-east-1:123456789012:secret:vsl-test/replicate-api-token-AbCdEf"
      SendToSubmissions     = "sqs:SendMessage on arn:aws:sqs:us-east-1:123456789012:vsl-test-submissions"
      SendToCallbacks       = "sqs:SendMessage on arn:aws:sqs:us-east-1:123456789012:vsl-test-callbacks"
      WriteLiveJob          = "dynamodb:PutItem on arn:aws:dynamodb:us-east-1:123456789012:table/vsl-test-realtime-jobs"
      WriteOwnLog           = "logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/vsl-test-cancel-job:*"
    }
    error_message = "The permissions of cancel_job are not these."
  }

  assert {
    condition = { for sid, s in module.retry_job.statements : sid => "${join(" ", s.actions)} on ${join(" ", s.resources)}" } == {
      ReadDatabaseUrl       = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/database-url"
      ReadRedisUrl          = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/redis-url"
      ReadReplicateApiToken = "secretsmanager:GetSecretValue on arn:aws:secretsmanager:us-east-1:123456789012:secret:vsl-test/replicate-api-token-AbCdEf"
      SendToSubmissions     = "sqs:SendMessage on arn:aws:sqs:us-east-1:123456789012:vsl-test-submissions"
      SendToCallbacks       = "sqs:SendMessage on arn:aws:sqs:us-east-1:123456789012:vsl-test-callbacks"
      WriteLiveJob          = "dynamodb:PutItem on arn:aws:dynamodb:us-east-1:123456789012:table/vsl-test-realtime-jobs"
      WriteOwnLog           = "logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/vsl-test-retry-job:*"
    }
    error_message = "The permissions of retry_job are not these."
  }

  assert {
    condition = { for sid, s in module.delete_job.statements : sid => "${join(" ", s.actions)} on ${join(" ", s.resources)}" } == {
      EraseMedia        = "s3:DeleteObject s3:DeleteObjectVersion on arn:aws:s3:::vsl-test-media-123456789012/*"
      ListMediaVersions = "s3:ListBucketVersions on arn:aws:s3:::vsl-test-media-123456789012"
      ReadDatabaseUrl   = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/database-url"
      ReadRedisUrl      = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/redis-url"
      WriteLiveJob      = "dynamodb:PutItem on arn:aws:dynamodb:us-east-1:123456789012:table/vsl-test-realtime-jobs"
      WriteOwnLog       = "logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/vsl-test-delete-job:*"
    }
    error_message = "The permissions of delete_job are not these."
  }

  assert {
    condition = alltrue([for function in [module.delete_job, module.check_replicate_status] :
      toset(function.statements["ListMediaVersions"].condition.StringLike["s3:prefix"]) == toset(["videos/*", "images/*", "audio/*", "temp/*"])
    ])
    error_message = "More or less can be listed than the folders of jobs."
  }

  assert {
    condition = { for sid, s in module.manage_callbacks.statements : sid => "${join(" ", s.actions)} on ${join(" ", s.resources)}" } == {
      ReadDatabaseUrl = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/database-url"
      SendToCallbacks = "sqs:SendMessage on arn:aws:sqs:us-east-1:123456789012:vsl-test-callbacks"
      WriteOwnLog     = "logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/vsl-test-manage-callbacks:*"
    }
    error_message = "The permissions of manage_callbacks are not these."
  }

  assert {
    condition = { for sid, s in module.get_usage.statements : sid => "${join(" ", s.actions)} on ${join(" ", s.resources)}" } == {
      ReadDatabaseUrl = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/database-url"
      WriteOwnLog     = "logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/vsl-test-get-usage:*"
    }
    error_message = "The permissions of get_usage are not these."
  }

  assert {
    condition = { for sid, s in module.show_api.statements : sid => "${join(" ", s.actions)} on ${join(" ", s.resources)}" } == {
      WriteOwnLog = "logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/vsl-test-show-api:*"
    }
    error_message = "The permissions of show_api are not these."
  }

  assert {
    condition = { for sid, s in module.check_health.statements : sid => "${join(" ", s.actions)} on ${join(" ", s.resources)}" } == {
      ReadDatabaseUrl       = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/database-url"
      ReadLiveJob           = "dynamodb:GetItem on arn:aws:dynamodb:us-east-1:123456789012:table/vsl-test-realtime-jobs"
      ReadRedisUrl          = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/redis-url"
      ReadReplicateApiToken = "secretsmanager:GetSecretValue on arn:aws:secretsmanager:us-east-1:123456789012:secret:vsl-test/replicate-api-token-AbCdEf"
      ProbeMediaBucket      = "s3:ListBucket on arn:aws:s3:::vsl-test-media-123456789012"
      WriteOwnLog           = "logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/vsl-test-check-health:*"
    }
    error_message = "The permissions of check_health are not these."
  }

  assert {
    condition     = module.check_health.statements["ProbeMediaBucket"].condition.StringEquals["s3:prefix"] == ["health/"]
    error_message = "A health check may list what users have."
  }

  assert {
    condition = { for sid, s in module.check_replicate_status.statements : sid => "${join(" ", s.actions)} on ${join(" ", s.resources)}" } == {
      ReadManyLiveJobs      = "dynamodb:BatchGetItem on arn:aws:dynamodb:us-east-1:123456789012:table/vsl-test-realtime-jobs"
      EraseMedia            = "s3:DeleteObject s3:DeleteObjectVersion on arn:aws:s3:::vsl-test-media-123456789012/*"
      ListMediaVersions     = "s3:ListBucketVersions on arn:aws:s3:::vsl-test-media-123456789012"
      ReadDatabaseUrl       = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/database-url"
      ReadMediaMetadata     = "s3:GetObject on arn:aws:s3:::vsl-test-media-123456789012/videos/*/metadata.json arn:aws:s3:::vsl-test-media-123456789012/images/*/metadata.json arn:aws:s3:::vsl-test-media-123456789012/audio/*/metadata.json"
      ReadRedisUrl          = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/redis-url"
      ReadReplicateApiToken = "secretsmanager:GetSecretValue on arn:aws:secretsmanager:us-east-1:123456789012:secret:vsl-test/replicate-api-token-AbCdEf"
      SendToSubmissions     = "sqs:SendMessage on arn:aws:sqs:us-east-1:123456789012:vsl-test-submissions"
      SendToWebhooks        = "sqs:SendMessage on arn:aws:sqs:us-east-1:123456789012:vsl-test-webhooks"
      SendToCallbacks       = "sqs:SendMessage on arn:aws:sqs:us-east-1:123456789012:vsl-test-callbacks"
      WriteLiveJob          = "dynamodb:PutItem on arn:aws:dynamodb:us-east-1:123456789012:table/vsl-test-realtime-jobs"
      WriteOwnLog           = "logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/vsl-test-check-replicate-status:*"
    }
    error_message = "The permissions of check_replicate_status are not these."
  }

  assert {
    condition = { for sid, s in module.apply_migrations.statements : sid => "${join(" ", s.actions)} on ${join(" ", s.resources)}" } == {
      ReadOwnerDatabaseUrl = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/owner-database-url"
      WriteOwnLog          = "logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/vsl-test-apply-migrations:*"
    }
    error_message = "The permissions of apply_migrations are not these."
  }

  assert {
    condition = { for sid, s in module.manage_access.statements : sid => "${join(" ", s.actions)} on ${join(" ", s.resources)}" } == {
      ReadDatabaseUrl = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/database-url"
      ReadRedisUrl    = "ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/redis-url"
      WriteOwnLog     = "logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/vsl-test-manage-access:*"
    }
    error_message = "The permissions of manage_access are not these."
  }
}
