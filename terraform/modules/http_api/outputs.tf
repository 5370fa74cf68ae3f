output "url" {
  description = "Address of the API, without a trailing slash."
  value       = var.domain != null ? "https://${var.domain.name}" : aws_apigatewayv2_api.this.api_endpoint
}

output "domain_target" {
  description = "Target of the domain's record (CNAME, or alias in Route 53); null without a domain."
  value       = one(aws_apigatewayv2_domain_name.this[*].domain_name_configuration[0].target_domain_name)
}

output "log_group" {
  description = "Name of the access log's group."
  value       = aws_cloudwatch_log_group.access.name
}

output "authorizer_target" {
  description = "ARN that the authorizer calls; null if the API verifies tokens."
  value       = one(aws_apigatewayv2_authorizer.this[*].authorizer_uri)
}

output "routes" {
  description = "For each route its target, and whether it requires authorization."
  value = {
    for key, route in aws_apigatewayv2_route.this : key => {
      target     = aws_apigatewayv2_integration.this[key].integration_uri
      authorized = route.authorization_type != "NONE"
    }
  }
}
