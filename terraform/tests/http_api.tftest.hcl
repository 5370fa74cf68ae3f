# What the API promises, looked at from inside.

mock_provider "aws" {
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:mock" }
  }

  mock_resource "aws_apigatewayv2_api" {
    defaults = {
      id            = "mock"
      api_endpoint  = "https://mock.execute-api.us-east-1.amazonaws.com"
      execution_arn = "arn:aws:execute-api:us-east-1:123456789012:mock"
    }
  }

  mock_resource "aws_acm_certificate" {
    defaults = {
      arn = "arn:aws:acm:us-east-1:123456789012:certificate/made"
      domain_validation_options = [{
        domain_name           = "media.example.com"
        resource_record_name  = "_proof.media.example.com."
        resource_record_type  = "CNAME"
        resource_record_value = "_value.acm-validations.aws."
      }]
    }
  }
}

variables {
  platform = { prefix = "vsl-test", log_retention_days = 30 }

  function = {
    function_name = "vsl-test-get-status"
    qualifier     = "live"
    arn           = "arn:aws:lambda:us-east-1:123456789012:function:vsl-test-get-status:live"
    invoke_arn    = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:vsl-test-get-status:live/invocations"
  }
}

run "an_api_may_call_aliases_for_its_own_routes_only" {
  module {
    source = "./modules/http_api"
  }

  variables {
    authorizer = var.function
    routes = {
      "GET /status/{jobId}"     = { function = var.function, authorized = true }
      "POST /webhook/replicate" = { function = var.function, authorized = false, throttling = { requests_per_second = 500, burst = 1000 } }
    }
  }

  assert {
    condition     = alltrue([for permission in concat(values(aws_lambda_permission.route), aws_lambda_permission.authorizer) : permission.qualifier == "live"])
    error_message = "A permission is not for the alias."
  }

  assert {
    condition     = aws_lambda_permission.route["GET /status/{jobId}"].source_arn == "arn:aws:execute-api:us-east-1:123456789012:mock/*/GET/status/{jobId}"
    error_message = "The permission is wider than the route."
  }

  assert {
    condition     = { for key, route in aws_apigatewayv2_route.this : key => route.authorization_type } == { "GET /status/{jobId}" = "CUSTOM", "POST /webhook/replicate" = "NONE" }
    error_message = "The authorizer is left out, or asked where nobody has a key."
  }

  assert {
    condition     = aws_apigatewayv2_authorizer.this[0].enable_simple_responses && aws_apigatewayv2_authorizer.this[0].authorizer_payload_format_version == "2.0"
    error_message = "The authorizer is asked in another format."
  }

  assert {
    condition     = length(aws_apigatewayv2_authorizer.this) == 1 && length(aws_apigatewayv2_authorizer.jwt) == 0 && length(aws_lambda_permission.authorizer) == 1
    error_message = "Keys are not judged by the one authorizer of keys."
  }

  assert {
    condition     = aws_apigatewayv2_authorizer.this[0].identity_sources == toset(["$request.header.Authorization", "$context.identity.sourceIp"])
    error_message = "What is said of a key because of one address would hold at others."
  }

  assert {
    condition     = length(aws_apigatewayv2_api.this.cors_configuration) == 0
    error_message = "CORS is on without having been asked for."
  }

  assert {
    condition     = aws_apigatewayv2_stage.this.name == "$default" && jsondecode(aws_apigatewayv2_stage.this.access_log_settings[0].format).userId == "$context.authorizer.userId"
    error_message = "The access log does not say who asked."
  }

  assert {
    condition     = [aws_apigatewayv2_stage.this.default_route_settings[0].throttling_rate_limit, aws_apigatewayv2_stage.this.default_route_settings[0].throttling_burst_limit] == [100, 200]
    error_message = "Requests are not throttled at 100 a second, 200 at once."
  }

  assert {
    condition = { for route in aws_apigatewayv2_stage.this.route_settings : route.route_key => [route.throttling_rate_limit, route.throttling_burst_limit] } == {
      "POST /webhook/replicate" = [500, 1000]
    }
    error_message = "Clients can use up what Replicate needs."
  }

  assert {
    condition     = output.url == "https://mock.execute-api.us-east-1.amazonaws.com" && output.domain_target == null && !aws_apigatewayv2_api.this.disable_execute_api_endpoint
    error_message = "An API without a domain has not the address AWS gives it."
  }

  assert {
    condition     = length(aws_apigatewayv2_domain_name.this) + length(aws_acm_certificate.this) + length(aws_route53_record.api) + length(aws_apigatewayv2_api_mapping.this) == 0
    error_message = "Something is made for a domain nobody asked for."
  }
}

run "with_an_issuer_the_api_verifies_tokens_itself_and_asks_no_function" {
  module {
    source = "./modules/http_api"
  }

  variables {
    authorizer = var.function
    jwt        = { issuer = "https://login.example.com/", audience = ["https://media.example.com"] }
    routes = {
      "GET /status/{jobId}"     = { function = var.function, authorized = true }
      "POST /webhook/replicate" = { function = var.function, authorized = false }
    }
  }

  assert {
    condition     = length(aws_apigatewayv2_authorizer.this) == 0 && length(aws_apigatewayv2_authorizer.jwt) == 1 && length(aws_lambda_permission.authorizer) == 0
    error_message = "Tokens are not judged by the one authorizer of tokens, or the API may still call that of keys."
  }

  assert {
    condition = [for jwt in aws_apigatewayv2_authorizer.jwt : [jwt.authorizer_type, jwt.identity_sources, jwt.jwt_configuration[0].issuer, jwt.jwt_configuration[0].audience]] == [
      ["JWT", toset(["$request.header.Authorization"]), "https://login.example.com/", toset(["https://media.example.com"])],
    ]
    error_message = "Tokens of another issuer, or made for somebody else, would be taken."
  }

  assert {
    condition     = { for key, route in aws_apigatewayv2_route.this : key => route.authorization_type } == { "GET /status/{jobId}" = "JWT", "POST /webhook/replicate" = "NONE" } && aws_apigatewayv2_route.this["GET /status/{jobId}"].authorizer_id == aws_apigatewayv2_authorizer.jwt[0].id
    error_message = "A route does not ask for a token, or asks Replicate for one."
  }

  assert {
    condition     = jsondecode(aws_apigatewayv2_stage.this.access_log_settings[0].format).userId == "$context.authorizer.claims.sub"
    error_message = "The access log does not say who asked."
  }

  assert {
    condition     = output.authorizer_target == null && output.routes["GET /status/{jobId}"].authorized && !output.routes["POST /webhook/replicate"].authorized
    error_message = "The outputs tell of another authorizer."
  }
}

run "tokens_without_an_audience_are_refused" {
  command = plan

  module {
    source = "./modules/http_api"
  }

  variables {
    authorizer = var.function
    routes     = {}
    jwt        = { issuer = "https://login.example.com/", audience = [] }
  }

  expect_failures = [var.jwt]
}

run "web_pages_of_the_given_origins_may_use_the_api_and_see_its_headers" {
  command = plan

  module {
    source = "./modules/http_api"
  }

  variables {
    authorizer   = var.function
    routes       = { "GET /status/{jobId}" = { function = var.function, authorized = true } }
    cors_origins = ["https://app.example.com"]
  }

  assert {
    condition = [for cors in aws_apigatewayv2_api.this.cors_configuration : [cors.allow_origins, cors.allow_methods, cors.allow_headers]] == [[
      toset(["https://app.example.com"]), toset(["DELETE", "GET", "POST"]), toset(["authorization", "content-type", "idempotency-key", "if-none-match"]),
    ]]
    error_message = "CORS does not allow what the API needs, or allows more."
  }

  assert {
    condition = aws_apigatewayv2_api.this.cors_configuration[0].expose_headers == toset([
      "etag", "location", "ratelimit", "ratelimit-policy", "retry-after", "x-request-id",
    ])
    error_message = "A web page does not see a header that tells it what to do."
  }
}

run "a_wildcard_origin_is_refused" {
  command = plan

  module {
    source = "./modules/http_api"
  }

  variables {
    authorizer   = var.function
    routes       = {}
    cors_origins = ["*"]
  }

  expect_failures = [var.cors_origins]
}

run "a_route_that_web_pages_could_not_use_is_refused" {
  command = plan

  module {
    source = "./modules/http_api"
  }

  variables {
    authorizer = var.function
    routes     = { "PUT /jobs/{jobId}" = { function = var.function, authorized = true } }
  }

  expect_failures = [var.routes]
}

run "a_domain_in_a_zone_gets_its_certificate_and_its_records" {
  module {
    source = "./modules/http_api"
  }

  variables {
    authorizer = var.function
    routes     = {}
    domain     = { name = "media.example.com", zone_id = "Z1" }
  }

  assert {
    condition     = aws_acm_certificate.this[0].domain_name == "media.example.com" && aws_acm_certificate.this[0].validation_method == "DNS"
    error_message = "There is no certificate for the domain."
  }

  assert {
    condition = [for record in aws_route53_record.proof : [record.zone_id, record.name, record.type, one(record.records)]] == [
      ["Z1", "_proof.media.example.com.", "CNAME", "_value.acm-validations.aws."],
    ]
    error_message = "ACM does not find its proof in the zone."
  }

  assert {
    condition     = aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].certificate_arn == aws_acm_certificate_validation.this[0].certificate_arn && aws_acm_certificate_validation.this[0].certificate_arn == "arn:aws:acm:us-east-1:123456789012:certificate/made"
    error_message = "The domain does not wait for its certificate to be proven."
  }

  assert {
    condition     = aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].security_policy == "TLS_1_2"
    error_message = "Old TLS is accepted."
  }

  assert {
    condition = { for type, record in aws_route53_record.api : type => [record.zone_id, record.name, record.alias[0].name] } == {
      for type in ["A", "AAAA"] : type => ["Z1", "media.example.com", output.domain_target]
    }
    error_message = "The name does not lead to the API."
  }

  assert {
    condition     = aws_apigatewayv2_api_mapping.this[0].api_id == "mock" && aws_apigatewayv2_api_mapping.this[0].stage == aws_apigatewayv2_stage.this.id
    error_message = "The domain serves something else than the API."
  }

  assert {
    condition     = output.url == "https://media.example.com" && aws_apigatewayv2_api.this.disable_execute_api_endpoint
    error_message = "The API has another address than its domain."
  }
}

run "a_domain_with_a_certificate_of_ones_own_leaves_the_dns_alone" {
  module {
    source = "./modules/http_api"
  }

  variables {
    authorizer = var.function
    routes     = {}
    domain     = { name = "media.example.com", certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/given" }
  }

  assert {
    condition     = aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].certificate_arn == "arn:aws:acm:us-east-1:123456789012:certificate/given"
    error_message = "The given certificate is not used."
  }

  assert {
    condition     = length(aws_acm_certificate.this) + length(aws_route53_record.proof) + length(aws_route53_record.api) == 0
    error_message = "Something is made in a zone that was not given."
  }

  assert {
    condition     = output.url == "https://media.example.com" && output.domain_target == aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].target_domain_name
    error_message = "Nobody is told where the name has to point to."
  }
}

run "a_domain_with_certificate_and_zone_gets_its_records_only" {
  module {
    source = "./modules/http_api"
  }

  variables {
    authorizer = var.function
    routes     = {}
    domain     = { name = "media.example.com", certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/given", zone_id = "Z1" }
  }

  assert {
    condition     = length(aws_acm_certificate.this) == 0 && toset(keys(aws_route53_record.api)) == toset(["A", "AAAA"])
    error_message = "The given certificate is not used, or the name leads nowhere."
  }
}

run "a_domain_can_be_planned_before_anything_exists" {
  command = plan

  module {
    source = "./modules/http_api"
  }

  variables {
    authorizer = var.function
    routes     = {}
    domain     = { name = "media.example.com", zone_id = "Z1" }
  }

  assert {
    condition     = length(aws_route53_record.proof) == 1 && output.url == "https://media.example.com"
    error_message = "The first plan does not know what will be made."
  }
}

run "a_domain_without_certificate_and_zone_is_refused" {
  command = plan

  module {
    source = "./modules/http_api"
  }

  variables {
    authorizer = var.function
    routes     = {}
    domain     = { name = "media.example.com" }
  }

  expect_failures = [var.domain]
}

run "an_address_in_place_of_a_domain_is_refused" {
  command = plan

  module {
    source = "./modules/http_api"
  }

  variables {
    authorizer = var.function
    routes     = {}
    domain     = { name = "https://media.example.com", zone_id = "Z1" }
  }

  expect_failures = [var.domain]
}

run "a_throttling_that_refuses_everything_is_refused" {
  command = plan

  module {
    source = "./modules/http_api"
  }

  variables {
    authorizer = var.function
    routes     = {}
    throttling = { requests_per_second = 0 }
  }

  expect_failures = [var.throttling]
}

run "the_access_log_is_encrypted_with_the_customers_key" {
  command = plan

  module {
    source = "./modules/http_api"
  }

  variables {
    authorizer = var.function
    routes     = {}
    platform   = merge(var.platform, { key_arn = "arn:aws:kms:us-east-1:123456789012:key/0b5a" })
  }

  assert {
    condition     = aws_cloudwatch_log_group.access.kms_key_id == "arn:aws:kms:us-east-1:123456789012:key/0b5a"
    error_message = "The access log is not encrypted with the customer's key."
  }
}

run "an_api_refuses_a_function_without_the_alias" {
  command = plan

  module {
    source = "./modules/http_api"
  }

  variables {
    authorizer = var.function
    routes     = { "GET /status/{jobId}" = { function = merge(var.function, { qualifier = "$LATEST" }), authorized = true } }
  }

  expect_failures = [var.routes]
}
