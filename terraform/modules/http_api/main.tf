locals {
  # A constant, because the routes depend on functions, which depend on this API's address.
  methods = ["DELETE", "GET", "POST"]
}

resource "aws_apigatewayv2_api" "this" {
  name                         = "${var.platform.prefix}-api"
  protocol_type                = "HTTP"
  disable_execute_api_endpoint = var.domain != null # otherwise clients could bypass protection in front of the domain

  dynamic "cors_configuration" {
    for_each = length(var.cors_origins) > 0 ? [var.cors_origins] : []

    content {
      allow_origins  = cors_configuration.value
      allow_methods  = local.methods
      allow_headers  = ["authorization", "content-type", "idempotency-key", "if-none-match"]
      expose_headers = ["etag", "location", "ratelimit", "ratelimit-policy", "retry-after", "x-request-id"]
      max_age        = 3600
    }
  }
}

# API keys: the authorizer identifies the caller. Functions reject requests, because API Gateway answers a denial with a bare 403.
resource "aws_apigatewayv2_authorizer" "this" {
  count = var.jwt == null ? 1 : 0

  api_id                            = aws_apigatewayv2_api.this.id
  name                              = var.authorizer.function_name
  authorizer_type                   = "REQUEST"
  authorizer_uri                    = var.authorizer.invoke_arn
  authorizer_payload_format_version = "2.0"
  enable_simple_responses           = true
  authorizer_result_ttl_in_seconds  = 300 # a revoked key stays valid that long

  # The cached verdict belongs to key and address together, so a verdict because of one address does not affect others.
  identity_sources = ["$request.header.Authorization", "$context.identity.sourceIp"]

  lifecycle {
    ignore_changes = [jwt_configuration] # a REQUEST authorizer has none; the emulator reports an empty one
  }
}

# Tokens: API Gateway verifies them, and answers 401 with its own body.
resource "aws_apigatewayv2_authorizer" "jwt" {
  count = var.jwt != null ? 1 : 0

  api_id           = aws_apigatewayv2_api.this.id
  name             = "${var.platform.prefix}-tokens"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = var.jwt.issuer
    audience = var.jwt.audience
  }

  lifecycle {
    ignore_changes = [authorizer_payload_format_version] # a JWT authorizer has none; the emulator reports one
  }
}

locals {
  authorizer_id = one(concat(aws_apigatewayv2_authorizer.this[*].id, aws_apigatewayv2_authorizer.jwt[*].id))
}

resource "aws_lambda_permission" "authorizer" {
  count = var.jwt == null ? 1 : 0

  statement_id  = "authorizer"
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  function_name = var.authorizer.function_name
  qualifier     = var.authorizer.qualifier
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/authorizers/${aws_apigatewayv2_authorizer.this[0].id}"
}

resource "aws_apigatewayv2_integration" "this" {
  for_each = var.routes

  api_id                 = aws_apigatewayv2_api.this.id
  integration_type       = "AWS_PROXY"
  integration_uri        = each.value.function.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "this" {
  #checkov:skip=CKV_AWS_309:Replicate has no API key: it signs its webhooks, and the function verifies the signature
  for_each = var.routes

  api_id             = aws_apigatewayv2_api.this.id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.this[each.key].id}"
  authorization_type = !each.value.authorized ? "NONE" : var.jwt == null ? "CUSTOM" : "JWT"
  authorizer_id      = each.value.authorized ? local.authorizer_id : null
}

resource "aws_lambda_permission" "route" {
  for_each = var.routes

  statement_id  = trim(replace(lower(each.key), "/[^a-z0-9]+/", "-"), "-")
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  function_name = each.value.function.function_name
  qualifier     = each.value.function.qualifier
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/*/${replace(each.key, " ", "")}"
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/aws/apigateway/${var.platform.prefix}-api"
  retention_in_days = var.platform.log_retention_days
  kms_key_id        = var.platform.key_arn
}

resource "aws_apigatewayv2_stage" "this" {
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true

  # For routes without their own settings. No metrics per route, because CloudWatch charges for each.
  default_route_settings {
    throttling_rate_limit  = var.throttling.requests_per_second
    throttling_burst_limit = var.throttling.burst
  }

  dynamic "route_settings" {
    for_each = { for key, route in var.routes : key => route.throttling if route.throttling != null }

    content {
      route_key              = route_settings.key
      throttling_rate_limit  = route_settings.value.requests_per_second
      throttling_burst_limit = route_settings.value.burst
    }
  }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({
      requestTime        = "$context.requestTime"
      requestId          = "$context.requestId"
      routeKey           = "$context.routeKey"
      status             = "$context.status"
      responseLatency    = "$context.responseLatency"
      integrationLatency = "$context.integrationLatency"
      integrationStatus  = "$context.integration.status"
      integrationError   = "$context.integrationErrorMessage"
      authorizerError    = "$context.authorizer.error"
      sourceIp           = "$context.identity.sourceIp"
      userId             = var.jwt == null ? "$context.authorizer.userId" : "$context.authorizer.claims.sub"
    })
  }

  # API Gateway rejects settings for a missing route.
  depends_on = [aws_apigatewayv2_route.this]
}
