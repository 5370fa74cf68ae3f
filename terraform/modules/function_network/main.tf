# Outgoing connections of functions in the VPC. Responses need no rule, and nothing calls a function through the VPC, so there are no ingress rules.
# Do not change the descriptions: a change replaces the group, and a group in use cannot be deleted.

locals {
  # The private functions read parameters, and apply_migrations a secret.
  calls_services_through_nat = length(setsubtract(["secretsmanager", "ssm"], var.endpoints)) > 0
}

# Group of every function in the VPC. Database and cache add rules to it.
resource "aws_security_group" "functions" {
  #checkov:skip=CKV2_AWS_5:The root attaches it to functions
  name        = "${var.platform.prefix}-functions"
  description = "Functions: to the stores and the AWS services they use"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.platform.prefix}-functions" }
}

# Additional group of the functions that call Replicate.
resource "aws_security_group" "outbound" {
  #checkov:skip=CKV2_AWS_5:The root attaches it to functions
  name        = "${var.platform.prefix}-functions-outbound"
  description = "Functions that call Replicate: to HTTPS anywhere"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.platform.prefix}-functions-outbound" }
}

data "aws_prefix_list" "gateway" {
  for_each = toset(["dynamodb", "s3"])

  name = "com.amazonaws.${var.platform.region}.${each.key}"
}

resource "aws_vpc_security_group_egress_rule" "functions_to_gateways" {
  for_each = data.aws_prefix_list.gateway

  security_group_id = aws_security_group.functions.id
  description       = "To ${each.key} in this region"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = each.value.id

  tags = { Name = "${var.platform.prefix}-functions-to-${each.key}" }
}

# AWS publishes no prefix list for these services, so without an endpoint for one of them the rule cannot be narrower.
resource "aws_vpc_security_group_egress_rule" "functions_to_services" {
  count = local.calls_services_through_nat ? 1 : 0

  security_group_id = aws_security_group.functions.id
  description       = "To Parameter Store and Secrets Manager, through NAT"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"

  tags = { Name = "${var.platform.prefix}-functions-to-services" }
}

# An existing database or Redis.
resource "aws_vpc_security_group_egress_rule" "functions_to_peers" {
  for_each = var.peers

  security_group_id = aws_security_group.functions.id
  description       = "To ${each.key}"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.cidr

  tags = { Name = "${var.platform.prefix}-functions-to-${each.key}" }
}

resource "aws_vpc_security_group_egress_rule" "outbound_to_replicate" {
  security_group_id = aws_security_group.outbound.id
  description       = "To Replicate and the hosts of its results, which have no fixed addresses"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"

  tags = { Name = "${var.platform.prefix}-functions-to-replicate" }
}
