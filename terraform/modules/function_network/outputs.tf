output "security_group_id" {
  description = "Group of every function in the VPC. A store allows this group in, and adds an egress rule to it."
  value       = aws_security_group.functions.id
}

output "private" {
  description = "`network` of a function that calls only AWS."
  value = {
    subnet_ids         = var.subnet_ids
    security_group_ids = [aws_security_group.functions.id]
  }

  # Functions are created after these rules and endpoints, and destroyed before them.
  depends_on = [
    aws_vpc_endpoint.interface,
    aws_vpc_security_group_egress_rule.functions_to_endpoints,
    aws_vpc_security_group_egress_rule.functions_to_gateways,
    aws_vpc_security_group_egress_rule.functions_to_peers,
    aws_vpc_security_group_egress_rule.functions_to_services,
    aws_vpc_security_group_ingress_rule.endpoints_from_functions,
  ]
}

output "outbound" {
  description = "`network` of a function that calls Replicate."
  value = {
    subnet_ids         = var.subnet_ids
    security_group_ids = [aws_security_group.functions.id, aws_security_group.outbound.id]
  }

  depends_on = [
    aws_vpc_endpoint.interface,
    aws_vpc_security_group_egress_rule.functions_to_endpoints,
    aws_vpc_security_group_egress_rule.functions_to_gateways,
    aws_vpc_security_group_egress_rule.functions_to_peers,
    aws_vpc_security_group_egress_rule.functions_to_services,
    aws_vpc_security_group_egress_rule.outbound_to_replicate,
    aws_vpc_security_group_ingress_rule.endpoints_from_functions,
  ]
}
