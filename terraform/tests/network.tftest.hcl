# The private network: who has a way out, who has none, and what stays when a zone is added.

mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["us-east-1d", "us-east-1b", "us-east-1a", "us-east-1c"] }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/vsl-test-flow-logs" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vpc/vsl-test-flow-logs" }
  }
}

variables {
  cidr      = "10.40.0.0/16"
  zones     = 2
  redundant = false

  platform = {
    prefix             = "vsl-test"
    region             = "us-east-1"
    account_id         = "123456789012"
    log_retention_days = 30
    key_arn            = "arn:aws:kms:us-east-1:123456789012:key/mock"
  }
}

run "two_zones_have_subnets_for_functions_and_data_and_one_for_the_gateway" {
  module {
    source = "./modules/network"
  }

  assert {
    condition     = { for zone, subnet in aws_subnet.functions : zone => subnet.cidr_block } == { us-east-1a = "10.40.0.0/20", us-east-1b = "10.40.16.0/20" }
    error_message = "The functions are not in the first blocks of the first two zones by name."
  }

  assert {
    condition     = { for zone, subnet in aws_subnet.data : zone => subnet.cidr_block } == { us-east-1a = "10.40.64.0/20", us-east-1b = "10.40.80.0/20" }
    error_message = "The stores are not in the blocks from the fourth on."
  }

  assert {
    condition     = { for zone, subnet in aws_subnet.public : zone => subnet.cidr_block } == { us-east-1a = "10.40.128.0/20" }
    error_message = "There is a public subnet without a NAT gateway, or none with one."
  }

  assert {
    condition     = alltrue([for zone, subnet in merge(aws_subnet.functions, aws_subnet.data, aws_subnet.public) : subnet.availability_zone == zone])
    error_message = "A subnet is not in the zone that it is named after."
  }

  assert {
    condition     = alltrue([for subnet in concat(values(aws_subnet.functions), values(aws_subnet.data), values(aws_subnet.public)) : subnet.map_public_ip_on_launch != true])
    error_message = "Something would get a public address unasked."
  }

  assert {
    condition     = output.vpc_id == aws_vpc.this.id
    error_message = "The output is another VPC."
  }

  assert {
    condition     = output.function_subnet_ids == [aws_subnet.functions["us-east-1a"].id, aws_subnet.functions["us-east-1b"].id]
    error_message = "The functions' subnets are not given in the order of the zones."
  }

  assert {
    condition     = output.data_subnet_ids == [aws_subnet.data["us-east-1a"].id, aws_subnet.data["us-east-1b"].id]
    error_message = "The stores' subnets are not given in the order of the zones."
  }

  assert {
    condition     = aws_vpc.this.cidr_block == "10.40.0.0/16" && aws_vpc.this.enable_dns_support && aws_vpc.this.enable_dns_hostnames
    error_message = "Interface endpoints could not take over the names of their services."
  }
}

run "a_third_zone_moves_nobody" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    zones = 3
  }

  assert {
    condition = { for zone, subnet in aws_subnet.functions : zone => subnet.cidr_block } == {
      us-east-1a = "10.40.0.0/20", us-east-1b = "10.40.16.0/20", us-east-1c = "10.40.32.0/20"
    }
    error_message = "A function's subnet has moved."
  }

  assert {
    condition = { for zone, subnet in aws_subnet.data : zone => subnet.cidr_block } == {
      us-east-1a = "10.40.64.0/20", us-east-1b = "10.40.80.0/20", us-east-1c = "10.40.96.0/20"
    }
    error_message = "A store's subnet has moved."
  }

  assert {
    condition     = { for zone, subnet in aws_subnet.public : zone => subnet.cidr_block } == { us-east-1a = "10.40.128.0/20" }
    error_message = "The public subnet has moved."
  }
}

run "the_smallest_network_has_250_addresses_in_each_subnet" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    cidr      = "192.168.16.0/20"
    zones     = 3
    redundant = true
  }

  assert {
    condition     = [for subnet in values(aws_subnet.functions) : subnet.cidr_block] == ["192.168.16.0/24", "192.168.17.0/24", "192.168.18.0/24"]
    error_message = "The functions' subnets are not a sixteenth each."
  }

  assert {
    condition     = [for subnet in values(aws_subnet.public) : subnet.cidr_block] == ["192.168.24.0/24", "192.168.25.0/24", "192.168.26.0/24"]
    error_message = "The public subnets are not a sixteenth each."
  }
}

run "zones_are_proper_ones_and_not_the_one_without_rds_proxy" {
  command = plan

  module {
    source = "./modules/network"
  }

  assert {
    condition     = data.aws_availability_zones.this.exclude_zone_ids == toset(["use1-az3"])
    error_message = "RDS Proxy may land in a zone where it is not offered."
  }

  assert {
    condition = { for filter in data.aws_availability_zones.this.filter : filter.name => filter.values } == {
      opt-in-status = toset(["opt-in-not-required"])
      zone-name     = toset(["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d", "us-east-1e", "us-east-1f"])
    }
    error_message = "Local zones count as zones."
  }

  assert {
    condition     = data.aws_availability_zones.this.state == null
    error_message = "A zone in trouble would take its subnets out of the plan."
  }
}

run "one_gateway_serves_all_zones" {
  module {
    source = "./modules/network"
  }

  assert {
    condition     = keys(aws_nat_gateway.this) == ["us-east-1a"] && keys(aws_eip.nat) == ["us-east-1a"]
    error_message = "There is not one NAT gateway, in the first zone."
  }

  assert {
    condition     = aws_nat_gateway.this["us-east-1a"].subnet_id == aws_subnet.public["us-east-1a"].id
    error_message = "The NAT gateway is not in the public subnet."
  }

  assert {
    condition = { for zone, route in aws_route.nat : zone => [route.route_table_id, route.destination_cidr_block, route.nat_gateway_id] } == {
      for zone, table in aws_route_table.functions : zone => [table.id, "0.0.0.0/0", aws_nat_gateway.this["us-east-1a"].id]
    }
    error_message = "A zone of the functions has no way out, or another one."
  }

  assert {
    condition = { for zone, association in aws_route_table_association.functions : zone => [association.subnet_id, association.route_table_id] } == {
      for zone, table in aws_route_table.functions : zone => [aws_subnet.functions[zone].id, table.id]
    }
    error_message = "The functions of a zone use another zone's table."
  }
}

run "redundant_means_a_gateway_in_every_zone" {
  module {
    source = "./modules/network"
  }

  variables {
    redundant = true
  }

  assert {
    condition     = { for zone, gateway in aws_nat_gateway.this : zone => gateway.subnet_id } == { for zone, subnet in aws_subnet.public : zone => subnet.id }
    error_message = "A NAT gateway is missing, or in another zone."
  }

  assert {
    condition     = { for zone, route in aws_route.nat : zone => route.nat_gateway_id } == { for zone in ["us-east-1a", "us-east-1b"] : zone => aws_nat_gateway.this[zone].id }
    error_message = "The functions of a zone depend on another zone's gateway."
  }
}

run "only_gateways_are_on_the_internet_and_data_have_no_way_out" {
  module {
    source = "./modules/network"
  }

  assert {
    condition     = [aws_route.internet.route_table_id, aws_route.internet.gateway_id] == [aws_route_table.public.id, aws_internet_gateway.this.id]
    error_message = "The way to the internet is not that of the public subnets."
  }

  assert {
    condition     = { for zone, association in aws_route_table_association.public : zone => [association.subnet_id, association.route_table_id] } == { for zone, subnet in aws_subnet.public : zone => [subnet.id, aws_route_table.public.id] }
    error_message = "A public subnet has another table."
  }

  assert {
    condition     = { for zone, association in aws_route_table_association.data : zone => [association.subnet_id, association.route_table_id] } == { for zone, subnet in aws_subnet.data : zone => [subnet.id, aws_route_table.data.id] }
    error_message = "A subnet of the stores has another table."
  }

  assert {
    condition = length(aws_route_table.data.route) == 0 && alltrue([
      for route in concat(values(aws_route.nat), [aws_route.internet]) : route.route_table_id != aws_route_table.data.id
    ])
    error_message = "The stores have a way out of the VPC."
  }

  assert {
    condition     = alltrue([for endpoint in aws_vpc_endpoint.gateway : !contains(endpoint.route_table_ids, aws_route_table.data.id)])
    error_message = "The stores have a way to S3 or DynamoDB."
  }
}

run "what_a_vpc_is_born_with_is_closed" {
  module {
    source = "./modules/network"
  }

  assert {
    condition     = aws_default_security_group.closed.vpc_id == aws_vpc.this.id && length(aws_default_security_group.closed.ingress) == 0 && length(aws_default_security_group.closed.egress) == 0
    error_message = "The default security group lets something through."
  }

  assert {
    condition     = aws_default_route_table.closed.default_route_table_id == aws_vpc.this.default_route_table_id && length(aws_default_route_table.closed.route) == 0
    error_message = "A subnet that nobody placed would have a way out."
  }
}

run "functions_reach_s3_and_dynamodb_past_nat_and_for_this_account_only" {
  module {
    source = "./modules/network"
  }

  assert {
    condition = { for name, endpoint in aws_vpc_endpoint.gateway : name => [endpoint.vpc_endpoint_type, endpoint.service_name] } == {
      dynamodb = ["Gateway", "com.amazonaws.us-east-1.dynamodb"]
      s3       = ["Gateway", "com.amazonaws.us-east-1.s3"]
    }
    error_message = "The gateway endpoints are not those of S3 and DynamoDB."
  }

  assert {
    condition     = alltrue([for endpoint in aws_vpc_endpoint.gateway : endpoint.route_table_ids == toset([for table in aws_route_table.functions : table.id])])
    error_message = "A gateway endpoint is not in every table of the functions."
  }

  assert {
    condition = alltrue([for name, endpoint in aws_vpc_endpoint.gateway : jsondecode(endpoint.policy).Statement == [{
      Sid       = "OwnCallersAndOwnDataOnly"
      Effect    = "Allow"
      Principal = "*"
      Action    = "${name}:*"
      Resource  = "*"
      Condition = { StringEquals = { "aws:PrincipalAccount" = "123456789012", "aws:ResourceAccount" = "123456789012" } }
    }]])
    error_message = "Other accounts' data may pass an endpoint."
  }
}

run "all_traffic_is_logged_and_the_role_may_write_to_that_log_only" {
  module {
    source = "./modules/network"
  }

  assert {
    condition     = [aws_flow_log.this.vpc_id, aws_flow_log.this.traffic_type, aws_flow_log.this.log_destination, aws_flow_log.this.iam_role_arn] == [aws_vpc.this.id, "ALL", aws_cloudwatch_log_group.flows.arn, aws_iam_role.flow_logs.arn]
    error_message = "Not all traffic is logged."
  }

  assert {
    condition     = [aws_cloudwatch_log_group.flows.name, aws_cloudwatch_log_group.flows.kms_key_id] == ["/aws/vpc/vsl-test-flow-logs", "arn:aws:kms:us-east-1:123456789012:key/mock"]
    error_message = "The log has another name or key."
  }

  assert {
    condition     = aws_cloudwatch_log_group.flows.retention_in_days == 30
    error_message = "The log is not kept for the given time."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.flow_logs.policy).Statement == [{
      Sid    = "WriteFlowLogs"
      Effect = "Allow"
      Action = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = [
        "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vpc/vsl-test-flow-logs",
        "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vpc/vsl-test-flow-logs:*",
      ]
      }, {
      Sid      = "FindLogGroup"
      Effect   = "Allow"
      Action   = ["logs:DescribeLogGroups"]
      Resource = ["*"]
    }]
    error_message = "The role may do more than write to its log."
  }

  assert {
    condition = jsondecode(aws_iam_role.flow_logs.assume_role_policy).Statement == [{
      Sid       = "WriteForOwnVpc"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = "123456789012" } }
    }]
    error_message = "The role may be taken for another account's VPC."
  }
}

run "every_name_carries_the_prefix" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    redundant = true
  }

  assert {
    condition = alltrue([for thing in concat(
      values(aws_subnet.functions), values(aws_subnet.data), values(aws_subnet.public), values(aws_route_table.functions), values(aws_eip.nat),
      values(aws_nat_gateway.this), values(aws_vpc_endpoint.gateway),
      [
        aws_vpc.this, aws_default_security_group.closed, aws_default_route_table.closed, aws_internet_gateway.this, aws_route_table.public, aws_route_table.data,
        aws_flow_log.this,
      ],
    ) : startswith(thing.tags.Name, "vsl-test")])
    error_message = "Something without a name of its own has no Name tag with the prefix."
  }

  assert {
    condition     = aws_iam_role.flow_logs.name == "vsl-test-flow-logs" && aws_iam_role_policy.flow_logs.name == "vsl-test-flow-logs"
    error_message = "The role has a name that CI may not change."
  }
}

run "public_addresses_are_refused" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    cidr = "172.32.0.0/16"
  }

  expect_failures = [var.cidr]
}

run "a_network_without_room_is_refused" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    cidr = "10.40.0.0/21"
  }

  expect_failures = [var.cidr]
}

run "a_network_larger_than_a_vpc_may_be_is_refused" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    cidr = "10.0.0.0/8"
  }

  expect_failures = [var.cidr]
}

run "addresses_that_begin_inside_their_block_are_refused" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    cidr = "10.40.1.0/16"
  }

  expect_failures = [var.cidr]
}

run "what_is_no_address_is_refused" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    cidr = "10.40.300.0/20"
  }

  expect_failures = [var.cidr]
}

run "one_zone_is_refused" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    zones = 1
  }

  expect_failures = [var.zones]
}

run "four_zones_are_refused" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    zones = 4
  }

  expect_failures = [var.zones]
}

run "a_region_with_too_few_zones_is_refused" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    zones = 3
  }

  override_data {
    target = data.aws_availability_zones.this
    values = { names = ["us-west-1a", "us-west-1c"] }
  }

  expect_failures = [aws_vpc.this]
}
