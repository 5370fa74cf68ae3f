# Every variable rejects values that cannot work.
#
# A plan of this root takes about four seconds of CPU time, so a run gives a wrong value to as many variables as it can. A variable with several
# rules gets one wrong value in each run: `expect_failures` names variables, not rules. Terraform skips a rule that reads another variable with a wrong
# value, so rules that read `prefix` or `region` are in the runs where those are valid.

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

run "rejects_names_and_levels_that_do_not_exist" {
  command = plan

  variables {
    prefix               = "vsl-a-b"
    region               = "Virginia"
    architecture         = "amd64"
    artifact_bucket      = "s3://artifacts"
    permissions_boundary = { arn = "vsl-test-boundary" } # no account
    packages             = { authorize = "functions/authorize-0.zip" }
    layers               = { shared = "layers/shared-0.zip" } # ffmpeg is missing
    connection_version   = 0
    limits               = { max_output_bytes = 6000000000 }
    logs                 = { level = "TRACE" }
    job_table            = { capacity = { read = { min = 5, max = 1 }, write = { min = 1, max = 1 } } }
    alarm_topic_arn      = "operators"
    models               = { smell = {} }
  }

  expect_failures = [
    var.prefix, var.region, var.architecture, var.artifact_bucket, var.permissions_boundary, var.packages, var.layers, var.connection_version, var.limits,
    var.logs, var.job_table, var.alarm_topic_arn, var.models,
  ]
}

run "rejects_what_only_some_environments_may_do" {
  command = plan

  variables {
    prefix       = "vsl-prod"
    disposable   = true
    layers       = { shared = "shared", ffmpeg = "layers/ffmpeg.zip" }
    replicate    = { base_url = "http://api.replicate.com/v1" }
    limits       = { rate_per_hour = 0 }
    api          = { public_url = "http://media.example.com" }
    logs         = { retention_days = 31 }
    media_bucket = { replica_region = "us-east-1" } # the environment's own
    network      = { cidr = "10.0.0.0/30" }
    functions    = { reserved_concurrency = { process_webhook = 10 }, queue_concurrency = { webhooks = 20 } }
    models       = { image = { m = { version = "latest", pricing = 1, estimatedTime = 1, supportedParams = [] } } }
  }

  expect_failures = [
    var.disposable, var.layers, var.replicate, var.limits, var.api, var.logs, var.media_bucket, var.network, var.functions, var.models,
  ]
}

run "rejects_values_next_to_a_valid_one" {
  command = plan

  variables {
    replicate    = { output_hosts = ["http://127.0.0.1:4010"] } # vsl-local only
    limits       = { link_seconds = 86400 }
    api          = { jwt = { issuer = "http://login.example.com", audience = ["media"] } }
    media_bucket = { name = "vsl-other-media" } # the bootstrap's roles may not use this name
    network      = { endpoints = ["s3"] }
    functions    = { reserved_concurrency = { deliver_callback = 5 }, queue_concurrency = { callbacks = 10 } }
    models       = { image = { m = { version = "a/b", estimatedTime = 1, supportedParams = [] } } } # no price
  }

  expect_failures = [var.replicate, var.limits, var.api, var.media_bucket, var.network, var.functions, var.models]
}

run "rejects_tokens_for_any_audience_and_existing_networks_without_ids" {
  command = plan

  variables {
    replicate    = { base_url = "https://api.replicate.com/v1/" } # ends with a slash
    limits       = { max_outputs = 257 }                          # more than an item of the job table holds
    api          = { jwt = { issuer = "https://login.example.com", audience = [] } }
    media_bucket = { name = "vsl-test-media-${join("", [for _ in range(38) : "a"])}" } # too long for the name of its role
    network      = { existing = { vpc_id = "my-vpc", function_subnet_ids = [] } }
    functions    = { reserved_concurrency = { make_coffee = 1 } }
    models       = { image = { m = { version = "a/b", pricing = 1, estimatedTime = 1, supportedParams = [], inputScheme = {} } } }
  }

  expect_failures = [var.replicate, var.limits, var.api, var.media_bucket, var.network, var.functions, var.models]
}

run "rejects_stores_without_a_network" {
  command = plan

  variables {
    database           = {}
    cache              = {}
    database_url       = ""
    owner_database_url = ""
    redis_url          = ""
    replicate          = { output_hosts = ["*.replicate.delivery"] }
    limits             = { failures_per_address = 0 } # not even the first attempt with a valid key
    api                = { callback_origins = ["http://127.0.0.1:8000"] }
    models             = { image = { for n in range(40) : "model-${n}" => { version = "a/b", pricing = 1, estimatedTime = 1, supportedParams = ["prompt"] } } }
  }

  expect_failures = [var.database, var.cache, var.replicate, var.limits, var.api, var.models]
}

run "rejects_a_database_in_a_region_without_a_root_certificate" {
  command = plan

  variables {
    region             = "xx-nowhere-9"
    network            = {}
    database           = {}
    database_url       = ""
    owner_database_url = ""
    limits             = { waiting_requests = 0 }
    api                = { domain = { name = "media.example.com" } } # neither certificate nor zone
  }

  expect_failures = [var.database, var.limits, var.api]
}

run "rejects_urls_of_stores_that_terraform_creates" {
  command = plan

  variables {
    network  = {}
    database = {}
    cache    = {}
    limits   = { concurrent_jobs = 0.5 }
    api      = { throttling = { requests_per_second = 0 } }
  }

  expect_failures = [var.database_url, var.owner_database_url, var.redis_url, var.limits, var.api]
}

run "rejects_callbacks_to_other_machines_in_the_local_environment" {
  command = plan

  variables {
    prefix  = "vsl-local"
    limits  = { monthly_budget = -1 }
    api     = { callback_origins = ["http://10.0.0.5:8000"] }
    network = { zones = 4 }
  }

  expect_failures = [var.limits, var.api, var.network]
}

run "rejects_urls_of_other_products" {
  command = plan

  variables {
    database_url = "mysql://vsl@database.test/vsl"
    redis_url    = "cache.test:6379"
    replicate    = { creates_per_minute = 0 }
    limits       = { rate_per_hour = 1.5 }
    api          = { cors_origins = ["*"] }
  }

  expect_failures = [var.database_url, var.redis_url, var.replicate, var.limits, var.api]
}

run "accepts_plain_http_to_this_machine_in_the_local_environment" {
  command = plan

  variables {
    prefix     = "vsl-local"
    disposable = true
    redis_url  = "redis://127.0.0.1:6379/0"
    replicate  = { base_url = "http://127.0.0.1:4010/v1", output_hosts = ["http://127.0.0.1:4010"] }
    api        = { public_url = "http://abc.execute-api.localhost:4566", callback_origins = ["http://127.0.0.1:8000"] }
  }
}
