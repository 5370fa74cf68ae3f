# Every variable refuses what cannot be meant.

mock_provider "aws" {
  source = "./tests/mocks"
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

run "plain_http_outside_the_local_environment_is_refused" {
  command = plan

  variables {
    replicate_base_url   = "http://api.replicate.com/v1"
    public_api_url       = "http://media.example.com"
    allowed_output_hosts = ["http://127.0.0.1:4010"]
  }

  expect_failures = [var.replicate_base_url, var.public_api_url, var.allowed_output_hosts]
}

run "limits_that_cannot_be_kept_are_refused" {
  command = plan

  variables {
    max_output_bytes    = 6000000000
    rate_limit_per_hour = 0
    link_seconds        = 86400
  }

  expect_failures = [var.max_output_bytes, var.rate_limit_per_hour, var.link_seconds]
}

run "an_open_edge_and_unknown_logging_are_refused" {
  command = plan

  variables {
    api                = { cors_origins = ["*"] }
    log_level          = "TRACE"
    log_retention_days = 31
  }

  expect_failures = [var.api, var.log_level, var.log_retention_days]
}

run "what_nearly_looks_right_is_refused" {
  command = plan

  variables {
    layers               = { shared = "shared", ffmpeg = "layers/ffmpeg.zip" }
    replicate_base_url   = "https://api.replicate.com/v1/"
    allowed_output_hosts = ["*.replicate.delivery"]
    rate_limit_per_hour  = 1.5
  }

  expect_failures = [var.layers, var.replicate_base_url, var.allowed_output_hosts, var.rate_limit_per_hour]
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
    prefix               = "vsl-local"
    disposable           = true
    redis_url            = "redis://127.0.0.1:6379/0"
    replicate_base_url   = "http://127.0.0.1:4010/v1"
    public_api_url       = "http://abc.execute-api.localhost:4566"
    allowed_output_hosts = ["http://127.0.0.1:4010"]
  }
}
