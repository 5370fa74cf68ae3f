output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "function_subnet_ids" {
  description = "Subnets for functions and interface endpoints, one for each zone, the first zone first."
  value       = [for zone in keys(local.zones) : aws_subnet.functions[zone].id]

  # Users of the subnets are created after the routes, and destroyed before them.
  depends_on = [aws_route.nat, aws_route_table_association.functions, aws_vpc_endpoint.gateway]
}

output "data_subnet_ids" {
  description = "Subnets for database and cache, one for each zone, the first zone first."
  value       = [for zone in keys(local.zones) : aws_subnet.data[zone].id]

  depends_on = [aws_route_table_association.data]
}
