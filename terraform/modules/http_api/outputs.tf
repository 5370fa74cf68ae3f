output "url" {
  description = "Address of the API, without a trailing slash."
  value       = var.domain != null ? "https://${var.domain.name}" : aws_apigatewayv2_api.this.api_endpoint
}

output "domain_target" {
  description = "Where the domain has to point to (CNAME, or alias in Route 53); null without a domain."
  value       = one(aws_apigatewayv2_domain_name.this[*].domain_name_configuration[0].target_domain_name)
}

output "log_group" {
  description = "Name of the access log's group."
  value       = aws_cloudwatch_log_group.access.name
}

output "authorizer_target" {
  description = "What the authorizer calls; null where tokens are verified instead."
  value       = one(aws_apigatewayv2_authorizer.this[*].authorizer_uri)
}

output "routes" {
  description = "For each route what it calls and whether the authorizer comes first."
  value = {
    for key, route in aws_apigatewayv2_route.this : key => {
      target     = aws_apigatewayv2_integration.this[key].integration_uri
      authorized = route.authorization_type != "NONE"
    }
  }
}
