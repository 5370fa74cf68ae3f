"""Mistakes in HTTP APIs, their routes, authorizers, stages and domains."""

from unit.aws_requests.planted.planting import ACCOUNT, REMOVED, planted, recorded

FUNCTION_ARN = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:get-status:live"
INVOKE_ARN = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION_ARN}/invocations"
LOG_GROUP = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/apigateway/vsl-api"
THROTTLING = {"ThrottlingBurstLimit": 20, "ThrottlingRateLimit": 10.0}

API = recorded(
    (
        "apigatewayv2.CreateApi",
        {
            "Name": "vsl-api",
            "ProtocolType": "HTTP",
            "CorsConfiguration": {
                "AllowOrigins": ["https://example.com"],
                "AllowMethods": ["GET"],
                "AllowCredentials": True,
                "MaxAge": 3600,
            },
        },
        {"ApiId": "a1"},
    ),
    (
        "apigatewayv2.CreateAuthorizer",
        {
            "ApiId": "a1",
            "Name": "keys",
            "AuthorizerType": "REQUEST",
            "AuthorizerUri": INVOKE_ARN,
            "AuthorizerPayloadFormatVersion": "2.0",
            "EnableSimpleResponses": True,
            "AuthorizerResultTtlInSeconds": 300,
            "IdentitySource": ["$request.header.Authorization", "$context.identity.sourceIp"],
        },
        {"AuthorizerId": "u1"},
    ),
    (
        "apigatewayv2.CreateIntegration",
        {
            "ApiId": "a1",
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": INVOKE_ARN,
            "PayloadFormatVersion": "2.0",
            "TimeoutInMillis": 30000,
        },
        {"IntegrationId": "i1"},
    ),
    (
        "apigatewayv2.CreateRoute",
        {
            "ApiId": "a1",
            "RouteKey": "GET /jobs/{id}",
            "Target": "integrations/i1",
            "AuthorizationType": "CUSTOM",
            "AuthorizerId": "u1",
        },
        {"RouteId": "r1"},
    ),
    (
        "apigatewayv2.CreateRoute",
        {"ApiId": "a1", "RouteKey": "$default", "Target": "integrations/i1"},
        {"RouteId": "r2"},
    ),
    ("logs.CreateLogGroup", {"logGroupName": "/aws/apigateway/vsl-api"}),
    (
        "apigatewayv2.CreateStage",
        {
            "ApiId": "a1",
            "StageName": "$default",
            "AutoDeploy": True,
            "DefaultRouteSettings": THROTTLING,
            "RouteSettings": {"GET /jobs/{id}": THROTTLING},
            "AccessLogSettings": {"DestinationArn": LOG_GROUP, "Format": '{"id": "$context.requestId"}'},
        },
    ),
    (
        "apigatewayv2.CreateDomainName",
        {
            "DomainName": "api.example.com",
            "DomainNameConfigurations": [
                {"CertificateArn": f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/c1", "SecurityPolicy": "TLS_1_2"}
            ],
        },
    ),
    (
        "lambda.AddPermission",
        {
            "FunctionName": "get-status",
            "Qualifier": "live",
            "StatementId": "api",
            "Action": "lambda:InvokeFunction",
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": f"arn:aws:execute-api:us-east-1:{ACCOUNT}:a1/*/GET/jobs/{{id}}",
        },
    ),
    ("apigatewayv2.CreateApiMapping", {"ApiId": "a1", "DomainName": "api.example.com", "Stage": "$default"}),
)

TOKENS = recorded(
    (
        "apigatewayv2.CreateAuthorizer",
        {
            "ApiId": "a1",
            "Name": "tokens",
            "AuthorizerType": "JWT",
            "IdentitySource": ["$request.header.Authorization"],
            "JwtConfiguration": {"Issuer": "https://id.example.com", "Audience": ["vsl"]},
        },
        {"AuthorizerId": "u1"},
    ),
)

PLANTED = [
    planted("credentials from every origin", API, "http_api.cors", (1, "CorsConfiguration.AllowOrigins", ["*"])),
    planted(
        "origin with a path", API, "http_api.cors", (1, "CorsConfiguration.AllowOrigins", ["https://example.com/"])
    ),
    planted("CORS remembered for a week", API, "http_api.cors", (1, "CorsConfiguration.MaxAge", 604_800)),
    planted("integration of 60 seconds", API, "http_api.integration_settings", (3, "TimeoutInMillis", 60_000)),
    planted(
        "integration without a payload version",
        API,
        "http_api.integration_settings",
        (3, "PayloadFormatVersion", REMOVED),
    ),
    planted("mock integration", API, "http_api.integration_settings", (3, "IntegrationType", "MOCK")),
    planted(
        "verdict cached for two hours", API, "http_api.authorizer_settings", (2, "AuthorizerResultTtlInSeconds", 7200)
    ),
    planted(
        "authorizer without a payload version",
        API,
        "http_api.authorizer_settings",
        (2, "AuthorizerPayloadFormatVersion", REMOVED),
    ),
    planted(
        "simple responses of payload 1.0",
        API,
        "http_api.authorizer_settings",
        (2, "AuthorizerPayloadFormatVersion", "1.0"),
    ),
    planted("verdict cached without a key", API, "http_api.authorizer_settings", (2, "IdentitySource", [])),
    planted(
        "authorizer by the function's plain ARN",
        API,
        "http_api.authorizer_settings",
        (2, "AuthorizerUri", FUNCTION_ARN),
    ),
    planted(
        "identity source of a REST API",
        API,
        "http_api.identity_sources",
        (2, "IdentitySource", ["method.request.header.Authorization"]),
    ),
    planted(
        "token issuer without TLS",
        TOKENS,
        "http_api.token_authorizer",
        (1, "JwtConfiguration.Issuer", "http://id.example.com"),
    ),
    planted("tokens for no audience", TOKENS, "http_api.token_authorizer", (1, "JwtConfiguration.Audience", [])),
    planted("route without a method", API, "http_api.route_key", (4, "RouteKey", "/jobs/{id}")),
    planted("route with a greedy parameter inside", API, "http_api.route_key", (4, "RouteKey", "GET /{rest+}/jobs")),
    planted(
        "route to a missing integration", API, "http_api.route_names_what_exists", (4, "Target", "integrations/i2")
    ),
    planted("route with a missing authorizer", API, "http_api.route_names_what_exists", (4, "AuthorizerId", "u2")),
    planted(
        "token route with a key authorizer", API, "http_api.route_names_what_exists", (4, "AuthorizationType", "JWT")
    ),
    planted("the same route twice", API, "http_api.route_is_new", (5, "RouteKey", "GET /jobs/{id}")),
    planted(
        "throttling of a missing route",
        API,
        "stages.settings_name_a_route",
        (7, "RouteSettings", {"POST /jobs": THROTTLING}),
    ),
    planted(
        "throttling without a burst",
        API,
        "stages.throttling_is_whole",
        (7, "RouteSettings", {"GET /jobs/{id}": {"ThrottlingRateLimit": 1.0}}),
    ),
    planted(
        "execution log of an HTTP API",
        API,
        "stages.throttling_is_whole",
        (7, "DefaultRouteSettings", {**THROTTLING, "LoggingLevel": "INFO"}),
    ),
    planted(
        "access log without the request id",
        API,
        "stages.access_log",
        (7, "AccessLogSettings.Format", "$context.status"),
    ),
    planted(
        "access log to all streams", API, "stages.access_log", (7, "AccessLogSettings.DestinationArn", f"{LOG_GROUP}:*")
    ),
    planted(
        "access log to a missing group",
        API,
        "stages.access_log_group_exists",
        (6, "logGroupName", "/aws/apigateway/other"),
    ),
    planted("stage that nothing deploys", API, "stages.stage_is_deployed", (7, "AutoDeploy", False)),
    planted(
        "certificate of another region",
        API,
        "stages.certificate_is_near",
        (8, "DomainNameConfigurations.0.CertificateArn", f"arn:aws:acm:eu-west-1:{ACCOUNT}:certificate/c1"),
    ),
    planted(
        "domain with TLS 1.0",
        API,
        "stages.certificate_is_near",
        (8, "DomainNameConfigurations.0.SecurityPolicy", "TLS_1_0"),
    ),
    planted("mapping of a missing stage", API, "stages.mapping_names_what_exists", (10, "Stage", "prod")),
    planted(
        "certificate that is not issued yet",
        API,
        None,
        (8, "DomainNameConfigurations.0.CertificateArn", f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/c2"),
    ),
]
