# Every variable refuses what cannot be meant.

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

run "an_environment_without_a_proper_name_and_place_is_refused" {
  command = plan

  variables {
    prefix          = "vsl-a-b"
    region          = "Virginia"
    architecture    = "amd64"
    artifact_bucket = "s3://artifacts"
  }

  expect_failures = [var.prefix, var.region, var.architecture, var.artifact_bucket]
}

run "a_permissions_boundary_without_its_account_is_refused" {
  command = plan

  variables {
    permissions_boundary = { arn = "vsl-test-boundary" }
  }

  expect_failures = [var.permissions_boundary]
}

run "a_disposable_production_is_refused" {
  command = plan

  variables {
    prefix     = "vsl-prod"
    disposable = true
  }

  expect_failures = [var.disposable]
}

run "missing_zips_are_refused" {
  command = plan

  variables {
    packages = { authorize = "functions/authorize-0.zip" }
    layers   = { shared = "layers/shared-0.zip" }
  }

  expect_failures = [var.packages, var.layers]
}

run "urls_of_other_databases_and_caches_are_refused" {
  command = plan

  variables {
    database_url       = "mysql://vsl@database.test/vsl"
    redis_url          = "cache.test:6379"
    connection_version = 0
  }

  expect_failures = [var.database_url, var.redis_url, var.connection_version]
}

run "a_pace_that_sends_nothing_is_refused" {
  command = plan

  variables {
    replicate = { creates_per_minute = 0 }
  }

  expect_failures = [var.replicate]
}

run "plain_http_outside_the_local_environment_is_refused" {
  command = plan

  variables {
    replicate = { base_url = "http://api.replicate.com/v1", output_hosts = ["http://127.0.0.1:4010"] }
    api       = { public_url = "http://media.example.com" }
  }

  expect_failures = [var.replicate, var.api]
}

run "limits_that_cannot_be_kept_are_refused" {
  command = plan

  variables {
    limits = { max_output_bytes = 6000000000, rate_per_hour = 0, link_seconds = 86400 }
  }

  expect_failures = [var.limits]
}

run "a_number_of_stored_files_that_an_item_cannot_hold_is_refused" {
  command = plan

  variables {
    limits = { max_outputs = 257 }
  }

  expect_failures = [var.limits]
}

run "an_address_without_a_first_try_is_refused" {
  command = plan

  variables {
    limits = { failures_per_address = 0 }
  }

  expect_failures = [var.limits]
}

run "places_for_waiting_requests_that_nobody_can_take_are_refused" {
  command = plan

  variables {
    limits = { waiting_requests = 0 }
  }

  expect_failures = [var.limits]
}

run "limits_of_users_that_make_no_sense_are_refused" {
  command = plan

  variables {
    limits = { concurrent_jobs = 0.5, monthly_budget = -1 }
  }

  expect_failures = [var.limits]
}

run "an_issuer_without_tls_is_refused" {
  command = plan

  variables {
    api = { jwt = { issuer = "http://login.example.com", audience = ["media"] } }
  }

  expect_failures = [var.api]
}

run "tokens_that_were_made_for_anybody_are_refused" {
  command = plan

  variables {
    api = { jwt = { issuer = "https://login.example.com", audience = [] } }
  }

  expect_failures = [var.api]
}

run "an_open_edge_and_unknown_logging_are_refused" {
  command = plan

  variables {
    api  = { cors_origins = ["*"] }
    logs = { level = "TRACE", retention_days = 31 }
  }

  expect_failures = [var.api, var.logs]
}

run "what_nearly_looks_right_is_refused" {
  command = plan

  variables {
    layers    = { shared = "shared", ffmpeg = "layers/ffmpeg.zip" }
    replicate = { base_url = "https://api.replicate.com/v1/", output_hosts = ["*.replicate.delivery"] }
    limits    = { rate_per_hour = 1.5 }
  }

  expect_failures = [var.layers, var.replicate, var.limits]
}

run "a_network_too_small_or_with_strange_endpoints_is_refused" {
  command = plan

  variables {
    network = { cidr = "10.0.0.0/30", zones = 4, endpoints = ["s3"] }
  }

  expect_failures = [var.network]
}

run "a_network_of_yours_without_proper_ids_is_refused" {
  command = plan

  variables {
    network = { existing = { vpc_id = "my-vpc", function_subnet_ids = [] } }
  }

  expect_failures = [var.network]
}

run "stores_without_a_network_for_them_are_refused" {
  command = plan

  variables {
    database           = {}
    cache              = {}
    database_url       = ""
    owner_database_url = ""
    redis_url          = ""
  }

  expect_failures = [var.database, var.cache]
}

run "a_database_in_a_region_whose_root_certificate_is_missing_is_refused" {
  command = plan

  variables {
    region             = "xx-nowhere-9"
    network            = {}
    database           = {}
    database_url       = ""
    owner_database_url = ""
  }

  expect_failures = [var.database]
}

run "urls_beside_a_database_and_a_cache_of_ours_are_refused" {
  command = plan

  variables {
    network  = {}
    database = {}
    cache    = {}
  }

  expect_failures = [var.database_url, var.owner_database_url, var.redis_url]
}

run "capacities_copies_and_topics_that_cannot_be_are_refused" {
  command = plan

  variables {
    job_table       = { capacity = { read = { min = 5, max = 1 }, write = { min = 1, max = 1 } } }
    media_bucket    = { replica_region = "us-east-1" }
    alarm_topic_arn = "operators"
  }

  expect_failures = [var.job_table, var.media_bucket, var.alarm_topic_arn]
}

run "a_bucket_name_that_the_bootstraps_roles_may_not_use_is_refused" {
  command = plan

  variables {
    media_bucket = { name = "vsl-other-media" }
  }

  expect_failures = [var.media_bucket]
}

run "a_bucket_name_too_long_for_its_role_is_refused" {
  command = plan

  variables {
    media_bucket = { name = "vsl-test-media-${join("", [for _ in range(38) : "a"])}" }
  }

  expect_failures = [var.media_bucket]
}

run "fewer_containers_than_a_queue_hands_over_are_refused" {
  command = plan

  variables {
    functions = { reserved_concurrency = { process_webhook = 10 }, queue_concurrency = { webhooks = 20 } }
  }

  expect_failures = [var.functions]
}

run "fewer_containers_than_callbacks_are_handed_over_are_refused" {
  command = plan

  variables {
    functions = { reserved_concurrency = { deliver_callback = 5 }, queue_concurrency = { callbacks = 10 } }
  }

  expect_failures = [var.functions]
}

run "callbacks_to_the_machine_itself_are_refused_outside_the_local_environment" {
  command = plan

  variables {
    api = { callback_origins = ["http://127.0.0.1:8000"] }
  }

  expect_failures = [var.api]
}

run "callbacks_to_anything_but_the_machine_itself_are_refused_in_the_local_environment_too" {
  command = plan

  variables {
    prefix = "vsl-local"
    api    = { callback_origins = ["http://10.0.0.5:8000"] }
  }

  expect_failures = [var.api]
}

run "containers_reserved_for_an_unknown_function_are_refused" {
  command = plan

  variables {
    functions = { reserved_concurrency = { make_coffee = 1 } }
  }

  expect_failures = [var.functions]
}

run "a_domain_without_certificate_and_zone_is_refused" {
  command = plan

  variables {
    api = { domain = { name = "media.example.com" } }
  }

  expect_failures = [var.api]
}

run "throttling_to_nothing_is_refused" {
  command = plan

  variables {
    api = { throttling = { requests_per_second = 0 } }
  }

  expect_failures = [var.api]
}

run "models_of_an_unknown_media_type_are_refused" {
  command = plan

  variables {
    models = { smell = {} }
  }

  expect_failures = [var.models]
}

run "a_model_with_a_version_that_is_none_is_refused" {
  command = plan

  variables {
    models = { image = { m = { version = "latest", pricing = 1, estimatedTime = 1, supportedParams = [] } } }
  }

  expect_failures = [var.models]
}

run "a_model_without_a_price_is_refused" {
  command = plan

  variables {
    models = { image = { m = { version = "a/b", estimatedTime = 1, supportedParams = [] } } }
  }

  expect_failures = [var.models]
}

run "a_model_with_a_misspelt_field_is_refused" {
  command = plan

  variables {
    models = { image = { m = { version = "a/b", pricing = 1, estimatedTime = 1, supportedParams = [], inputScheme = {} } } }
  }

  expect_failures = [var.models]
}

run "models_too_long_for_the_environment_are_refused" {
  command = plan

  variables {
    models = { image = { for n in range(40) : "model-${n}" => { version = "a/b", pricing = 1, estimatedTime = 1, supportedParams = ["prompt"] } } }
  }

  expect_failures = [var.models]
}

run "the_local_environment_may_speak_plain_http_to_this_machine" {
  command = plan

  variables {
    prefix     = "vsl-local"
    disposable = true
    redis_url  = "redis://127.0.0.1:6379/0"
    replicate  = { base_url = "http://127.0.0.1:4010/v1", output_hosts = ["http://127.0.0.1:4010"] }
    api        = { public_url = "http://abc.execute-api.localhost:4566", callback_origins = ["http://127.0.0.1:8000"] }
  }
}
