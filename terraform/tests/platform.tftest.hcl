# The whole platform: everything created here, then each part replaced by an existing one.

mock_provider "aws" {
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "replica"
  source = "./tests/mocks"
}

variables {
  packages           = { for path in fileset("../lambdas", "*/handler.py") : dirname(path) => "functions/${dirname(path)}-0.zip" }
  network            = {}
  database           = { proxy = true }
  cache              = { replicas = 1 }
  database_url       = "" # "not given": in a test, what is ephemeral cannot be left out
  owner_database_url = ""
  redis_url          = ""
  media_bucket       = { replica_region = "us-west-2" }
  api                = { domain = { name = "media.example.com", zone_id = "Z0123456789ABCDEFGHIJ" } }
  job_table          = { capacity = { read = { min = 1, max = 10 }, write = { min = 1, max = 10 } } }
  customer_key       = true
  alarm_topic_arn    = "arn:aws:sns:us-east-1:123456789012:alarms"

  functions = {
    snap_start           = true
    tracing              = true
    reserved_concurrency = { submit_job = 5, process_webhook = 20 }
  }
}

run "grants_each_function_exactly_these_statements_if_everything_is_created_here" {
  assert {
    condition = { for folder, function in local.functions : folder => join(" ", sort(keys(function.statements))) } == {
      authorize              = "CreateNetworkInterfaces DenyEc2FromFunctionCode LogInToCache LogInToDatabase ManageNetworkInterfaces UseCustomerKey WriteOwnLog WriteTraces"
      generate_media         = "CreateNetworkInterfaces DenyEc2FromFunctionCode LogInToCache LogInToDatabase ManageNetworkInterfaces ReadReplicateApiToken SendToCallbacks SendToSubmissions UseCustomerKey WriteLiveJob WriteOwnLog WriteTraces"
      generate_batch         = "CreateNetworkInterfaces DenyEc2FromFunctionCode LogInToCache LogInToDatabase ManageNetworkInterfaces SendToSubmissions UseCustomerKey WriteOwnLog WriteTraces"
      submit_job             = "ConsumeSubmissions CreateNetworkInterfaces DenyEc2FromFunctionCode LogInToCache LogInToDatabase ManageNetworkInterfaces ReadReplicateApiToken SendToCallbacks SendToSubmissions UseCustomerKey WriteLiveJob WriteOwnLog WriteTraces"
      receive_webhook        = "ReadReplicateWebhookSecrets SendToWebhooks UseCustomerKey WriteOwnLog WriteTraces"
      process_webhook        = "ConsumeWebhooks CreateNetworkInterfaces DenyEc2FromFunctionCode LogInToCache LogInToDatabase ManageNetworkInterfaces ReadMediaMetadata ReadReplicateApiToken SendToCallbacks StoreMedia UseCustomerKey WriteLiveJob WriteOwnLog WriteTraces"
      deliver_callback       = "ConsumeCallbacks CreateNetworkInterfaces DenyEc2FromFunctionCode LogInToDatabase ManageNetworkInterfaces SendToCallbacks SignLinksToMedia UseCustomerKey WriteOwnLog WriteTraces"
      get_status             = "CreateNetworkInterfaces DenyEc2FromFunctionCode LogInToCache LogInToDatabase ManageNetworkInterfaces ReadLiveJob SignLinksToMedia UseCustomerKey WriteLiveJob WriteOwnLog WriteTraces"
      get_batch              = "CreateNetworkInterfaces DenyEc2FromFunctionCode LogInToDatabase ManageNetworkInterfaces UseCustomerKey WriteOwnLog WriteTraces"
      list_jobs              = "CreateNetworkInterfaces DenyEc2FromFunctionCode LogInToDatabase ManageNetworkInterfaces UseCustomerKey WriteOwnLog WriteTraces"
      list_models            = "CreateNetworkInterfaces DenyEc2FromFunctionCode LogInToCache LogInToDatabase ManageNetworkInterfaces UseCustomerKey WriteOwnLog WriteTraces"
      cancel_job             = "CreateNetworkInterfaces DenyEc2FromFunctionCode LogInToCache LogInToDatabase ManageNetworkInterfaces ReadReplicateApiToken SendToCallbacks SendToSubmissions UseCustomerKey WriteLiveJob WriteOwnLog WriteTraces"
      retry_job              = "CreateNetworkInterfaces DenyEc2FromFunctionCode LogInToCache LogInToDatabase ManageNetworkInterfaces ReadReplicateApiToken SendToCallbacks SendToSubmissions UseCustomerKey WriteLiveJob WriteOwnLog WriteTraces"
      delete_job             = "CreateNetworkInterfaces DenyEc2FromFunctionCode EraseMedia ListMediaVersions LogInToCache LogInToDatabase ManageNetworkInterfaces UseCustomerKey WriteLiveJob WriteOwnLog WriteTraces"
      show_api               = "UseCustomerKey WriteOwnLog WriteTraces"
      check_health           = "CreateNetworkInterfaces DenyEc2FromFunctionCode LogInToCache LogInToDatabase ManageNetworkInterfaces ProbeMediaBucket ReadLiveJob ReadReplicateApiToken UseCustomerKey WriteOwnLog WriteTraces"
      check_replicate_status = "CreateNetworkInterfaces DenyEc2FromFunctionCode EraseMedia ListMediaVersions LogInToCache LogInToDatabase ManageNetworkInterfaces ReadManyLiveJobs ReadMediaMetadata ReadReplicateApiToken SendToCallbacks SendToSubmissions SendToWebhooks UseCustomerKey WriteLiveJob WriteOwnLog WriteTraces"
      manage_callbacks       = "CreateNetworkInterfaces DenyEc2FromFunctionCode LogInToDatabase ManageNetworkInterfaces SendToCallbacks UseCustomerKey WriteOwnLog WriteTraces"
      get_usage              = "CreateNetworkInterfaces DenyEc2FromFunctionCode LogInToDatabase ManageNetworkInterfaces UseCustomerKey WriteOwnLog WriteTraces"
      apply_migrations       = "CreateNetworkInterfaces DenyEc2FromFunctionCode FillProxyLogins ManageNetworkInterfaces ReadOwnerDatabaseUrl ReadOwnerLogin UseCustomerKey WriteOwnLog WriteTraces"
      manage_access          = "CreateNetworkInterfaces DenyEc2FromFunctionCode LogInToCache LogInToDatabase ManageNetworkInterfaces UseCustomerKey WriteOwnLog WriteTraces"
    }
    error_message = "A function has other rights than these."
  }

  assert {
    condition = alltrue([for function in local.functions : alltrue([for sid, login in {
      LogInToCache   = "elasticache:Connect on arn:aws:elasticache:us-east-1:123456789012:replicationgroup:vsl-test-cache arn:aws:elasticache:us-east-1:123456789012:user:vsl-test"
      ReadOwnerLogin = "secretsmanager:GetSecretValue on arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-mock-AbCdEf"
      UseCustomerKey = "kms:Decrypt kms:GenerateDataKey on arn:aws:kms:us-east-1:123456789012:key/mock"
    } : "${join(" ", function.statements[sid].actions)} on ${join(" ", function.statements[sid].resources)}" == login if can(function.statements[sid])])])
    error_message = "A login reaches further than one role of one database, one user of one cache, one key."
  }

  # The worker that runs ffmpeg on foreign files, and what manages keys and budgets, log in as roles of their own.
  assert {
    condition = { for folder, function in local.functions : folder => one(function.statements["LogInToDatabase"].resources) if can(function.statements["LogInToDatabase"]) } == {
      for folder, function in local.functions : folder => format("arn:aws:rds-db:us-east-1:123456789012:dbuser:prx-mock/vsl_%s_proxy", lookup({ process_webhook = "media", authorize = "access", manage_access = "access" }, folder, "jobs")) if can(function.environment.DATABASE_URL)
    }
    error_message = "A function logs in as the role of another group."
  }

  # Our own URLs hold no secret, and 40 calls a second to Parameter Store do not last for many containers that start at once.
  assert {
    condition = alltrue([for function in local.functions : alltrue([
      !can(function.environment.DATABASE_URL_PARAMETER) && !can(function.environment.REDIS_URL_PARAMETER),
      try(contains(values(one(module.database[*].urls)), function.environment.DATABASE_URL), true),
      try(endswith(one(function.statements["LogInToDatabase"].resources), "/${split("@", trimprefix(function.environment.DATABASE_URL, "postgresql://"))[0]}"), true),
      try(function.environment.REDIS_URL, one(module.cache[*].url)) == one(module.cache[*].url),
      can(function.statements["LogInToDatabase"]) == can(function.environment.DATABASE_URL),
      can(function.statements["LogInToCache"]) == can(function.environment.REDIS_URL),
    ])])
    error_message = "A function would look for our own database or cache in Parameter Store, or not find it."
  }

  # The design says which functions are in the network; only those that call Replicate, clients' servers or queues may leave it.
  assert {
    condition     = toset([for folder, function in local.functions : folder if function.network == null]) == toset(["receive_webhook", "show_api"])
    error_message = "A function is in the network that need not be, or outside it though it uses a store."
  }

  assert {
    condition     = toset([for folder, function in local.functions : folder if try(length(function.network.security_group_ids), 0) == 2]) == toset(["generate_media", "generate_batch", "submit_job", "process_webhook", "deliver_callback", "cancel_job", "retry_job", "manage_callbacks", "check_health", "check_replicate_status"])
    error_message = "A function that calls nobody may reach the internet, or one that calls somebody may not."
  }

  assert {
    condition     = jsondecode(module.apply_migrations.environment.PROXY_LOGIN_SECRETS) == { for group in ["media", "access", "jobs"] : "vsl_${group}_proxy" => "${var.prefix}/database-${group}-login" }
    error_message = "Migrations would not make the proxy's logins."
  }

  assert {
    condition     = output.api_url == "https://media.example.com" && module.generate_media.environment.PUBLIC_API_URL == "https://media.example.com"
    error_message = "The domain is not used."
  }
}

run "uses_an_existing_redis_and_logs_in_to_the_instance_without_a_proxy" {
  variables {
    database  = {}
    cache     = null
    redis_url = "rediss://cache.test:6379/0"
  }

  assert {
    condition     = module.get_status.statements["LogInToDatabase"].resources == ["arn:aws:rds-db:us-east-1:123456789012:dbuser:db-MOCK/vsl_jobs"]
    error_message = "The functions would not be let in."
  }

  assert {
    condition     = module.apply_migrations.environment.PROXY_LOGIN_SECRETS == "" && !can(module.apply_migrations.statements["FillProxyLogins"])
    error_message = "There is no proxy to make a login for."
  }

  assert {
    condition     = length(module.cache) == 0 && !can(module.get_status.statements["LogInToCache"]) && can(module.get_status.statements["LogInToDatabase"])
    error_message = "A cache is made, or rights for one that is not there."
  }
}

run "uses_an_existing_network_and_database" {
  variables {
    network = {
      existing = {
        vpc_id              = "vpc-0aaaaaaaaaaaaaaaa"
        function_subnet_ids = ["subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2"]
        data_subnet_ids     = ["subnet-0aaaaaaaaaaaaaaa3", "subnet-0aaaaaaaaaaaaaaa4"]
      }
    }
    database           = null
    database_url       = "postgresql://vsl_app@database.test:5432/vsl?iam=true"
    owner_database_url = "postgresql://vsl_owner@database.test:5432/vsl?iam=true"
  }

  assert {
    condition     = length(module.network) == 0
    error_message = "A second network is made."
  }

  assert {
    condition     = module.generate_media.network.subnet_ids == tolist(["subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2"])
    error_message = "The functions are not in the given subnets."
  }

  assert {
    condition     = length(module.database) == 0 && !can(module.get_status.statements["LogInToDatabase"]) && can(module.get_status.statements["LogInToCache"])
    error_message = "A database is made, or rights for one that is not there."
  }
}

run "lets_functions_in_an_existing_network_use_an_existing_database_and_redis" {
  variables {
    network = {
      peers    = { database = { cidr = "10.1.0.0/16", port = 5432 }, redis = { cidr = "10.1.0.0/16", port = 6379 } }
      existing = { vpc_id = "vpc-0aaaaaaaaaaaaaaaa", function_subnet_ids = ["subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2"] }
    }
    database     = null
    cache        = null
    database_url = "postgresql://vsl@database.test:5432/vsl"
    redis_url    = "redis://cache.test:6379/0"
  }

  assert {
    condition     = length(module.network) + length(module.database) + length(module.cache) == 0 && module.authorize.network != null
    error_message = "A part of the platform is made though it was brought along."
  }

  assert {
    condition = alltrue([for function in local.functions : alltrue([
      !can(function.environment.DATABASE_URL) && !can(function.environment.REDIS_URL),
      can(function.statements["ReadDatabaseUrl"]) == can(function.environment.DATABASE_URL_PARAMETER),
      can(function.statements["ReadRedisUrl"]) == can(function.environment.REDIS_URL_PARAMETER),
    ])])
    error_message = "A URL that may hold a password is in an environment, or a function may not read it."
  }
}
