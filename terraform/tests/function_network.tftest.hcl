# Whom the functions in a VPC may call: exactly, group by group.

mock_provider "aws" {
  override_data {
    target = data.aws_prefix_list.gateway["dynamodb"]
    values = { id = "pl-dynamodb" }
  }

  override_data {
    target = data.aws_prefix_list.gateway["s3"]
    values = { id = "pl-s3" }
  }

  override_resource {
    target = aws_security_group.functions
    values = { id = "sg-functions" }
  }

  override_resource {
    target = aws_security_group.outbound
    values = { id = "sg-outbound" }
  }

  override_resource {
    target = aws_security_group.endpoints
    values = { id = "sg-endpoints" }
  }
}

variables {
  platform            = { prefix = "vsl-test", region = "us-east-1", account_id = "123456789012" }
  vpc_id              = "vpc-test"
  subnet_ids          = ["subnet-a", "subnet-b"]
  endpoints           = ["ssm", "secretsmanager"]
  endpoint_subnet_ids = ["subnet-a"]
}

run "a_private_function_reaches_stores_and_endpoints_and_nothing_else" {
  module {
    source = "./modules/function_network"
  }

  assert {
    condition = output.private == {
      subnet_ids         = tolist(["subnet-a", "subnet-b"])
      security_group_ids = ["sg-functions"]
    }
    error_message = "A private function has more than the one group."
  }

  assert {
    condition     = { for name, rule in aws_vpc_security_group_egress_rule.functions_to_gateways : name => [rule.security_group_id, rule.prefix_list_id] } == { dynamodb = ["sg-functions", "pl-dynamodb"], s3 = ["sg-functions", "pl-s3"] }
    error_message = "The way to S3 and DynamoDB is not that of their prefix lists."
  }

  assert {
    condition     = { for name, list in data.aws_prefix_list.gateway : name => list.name } == { dynamodb = "com.amazonaws.us-east-1.dynamodb", s3 = "com.amazonaws.us-east-1.s3" }
    error_message = "The prefix lists are those of something else."
  }

  assert {
    condition     = [for rule in aws_vpc_security_group_egress_rule.functions_to_endpoints : [rule.security_group_id, rule.referenced_security_group_id]] == [["sg-functions", "sg-endpoints"]]
    error_message = "The way to the endpoints is not to their group."
  }

  assert {
    condition     = length(aws_vpc_security_group_egress_rule.functions_to_services) == 0 && length(aws_vpc_security_group_egress_rule.functions_to_peers) == 0
    error_message = "A private function may leave the VPC."
  }

  assert {
    condition     = output.security_group_id == "sg-functions"
    error_message = "Stores would let another group in than the functions'."
  }
}

run "a_function_that_calls_replicate_reaches_https_anywhere" {
  module {
    source = "./modules/function_network"
  }

  assert {
    condition = output.outbound == {
      subnet_ids         = tolist(["subnet-a", "subnet-b"])
      security_group_ids = ["sg-functions", "sg-outbound"]
    }
    error_message = "A function that calls Replicate has not both groups."
  }

  assert {
    condition = [
      aws_vpc_security_group_egress_rule.outbound_to_replicate.security_group_id, aws_vpc_security_group_egress_rule.outbound_to_replicate.cidr_ipv4,
    ] == ["sg-outbound", "0.0.0.0/0"]
    error_message = "Replicate is not reached, or by the private functions too."
  }
}

run "every_rule_is_https_and_says_whom_it_is_for" {
  command = plan

  module {
    source = "./modules/function_network"
  }

  assert {
    condition = alltrue([for rule in concat(
      values(aws_vpc_security_group_egress_rule.functions_to_gateways), aws_vpc_security_group_egress_rule.functions_to_endpoints,
      aws_vpc_security_group_ingress_rule.endpoints_from_functions, [aws_vpc_security_group_egress_rule.outbound_to_replicate],
    ) : [rule.ip_protocol, rule.from_port, rule.to_port] == ["tcp", 443, 443] && length(rule.description) > 0 && startswith(rule.tags.Name, "vsl-test-")])
    error_message = "A rule opens more than HTTPS, or does not say for whom, or has no Name tag with the prefix."
  }
}

run "endpoints_answer_to_the_functions_under_the_usual_names" {
  module {
    source = "./modules/function_network"
  }

  assert {
    condition     = [for rule in aws_vpc_security_group_ingress_rule.endpoints_from_functions : [rule.security_group_id, rule.referenced_security_group_id]] == [["sg-endpoints", "sg-functions"]]
    error_message = "The endpoints let in somebody else than the functions."
  }

  assert {
    condition = { for name, endpoint in aws_vpc_endpoint.interface : name => endpoint.service_name } == {
      secretsmanager = "com.amazonaws.us-east-1.secretsmanager"
      ssm            = "com.amazonaws.us-east-1.ssm"
    }
    error_message = "The endpoints are not those that were asked for."
  }

  assert {
    condition = alltrue([for endpoint in aws_vpc_endpoint.interface :
      endpoint.vpc_endpoint_type == "Interface" && endpoint.private_dns_enabled && endpoint.vpc_id == "vpc-test" &&
      endpoint.subnet_ids == toset(["subnet-a"]) && endpoint.security_group_ids == toset(["sg-endpoints"])
    ])
    error_message = "An endpoint is elsewhere, or not found under the name of its service."
  }

  assert {
    condition = alltrue([for name, endpoint in aws_vpc_endpoint.interface : jsondecode(endpoint.policy).Statement == [{
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

run "without_endpoints_the_functions_call_the_services_through_nat" {
  module {
    source = "./modules/function_network"
  }

  variables {
    endpoints           = []
    endpoint_subnet_ids = []
  }

  assert {
    condition     = [for rule in aws_vpc_security_group_egress_rule.functions_to_services : [rule.security_group_id, rule.cidr_ipv4, rule.ip_protocol, rule.from_port, rule.to_port]] == [["sg-functions", "0.0.0.0/0", "tcp", 443, 443]]
    error_message = "The functions cannot read their parameters."
  }

  assert {
    condition     = length(aws_vpc_endpoint.interface) + length(aws_security_group.endpoints) + length(aws_vpc_security_group_egress_rule.functions_to_endpoints) == 0
    error_message = "Something of the endpoints is left."
  }
}

run "with_parameters_alone_the_secret_is_read_through_nat" {
  command = plan

  module {
    source = "./modules/function_network"
  }

  variables {
    endpoints = ["ssm", "sqs"]
  }

  assert {
    condition     = length(aws_vpc_security_group_egress_rule.functions_to_services) == 1
    error_message = "apply_migrations cannot read the owner's login."
  }
}

run "with_secrets_alone_parameters_are_read_through_nat" {
  command = plan

  module {
    source = "./modules/function_network"
  }

  variables {
    endpoints = ["secretsmanager"]
  }

  assert {
    condition     = length(aws_vpc_security_group_egress_rule.functions_to_services) == 1
    error_message = "The functions cannot read their parameters."
  }
}

run "a_store_that_was_brought_along_is_reached_at_its_port" {
  command = plan

  module {
    source = "./modules/function_network"
  }

  variables {
    peers = {
      database = { cidr = "10.20.30.0/24", port = 5432 }
      cache    = { cidr = "10.20.31.40/32", port = 6379 }
    }
  }

  assert {
    condition = { for name, rule in aws_vpc_security_group_egress_rule.functions_to_peers : name => [rule.cidr_ipv4, rule.ip_protocol, rule.from_port, rule.to_port, rule.description] } == {
      cache    = ["10.20.31.40/32", "tcp", 6379, 6379, "To cache"]
      database = ["10.20.30.0/24", "tcp", 5432, 5432, "To database"]
    }
    error_message = "A brought store is not reached, or more than that."
  }
}

run "names_carry_the_prefix" {
  command = plan

  module {
    source = "./modules/function_network"
  }

  assert {
    condition = [for group in concat([aws_security_group.functions, aws_security_group.outbound], aws_security_group.endpoints) : group.name] == [
      "vsl-test-functions", "vsl-test-functions-outbound", "vsl-test-endpoints",
    ]
    error_message = "A group has another name."
  }

  assert {
    condition     = { for name, endpoint in aws_vpc_endpoint.interface : name => endpoint.tags.Name } == { secretsmanager = "vsl-test-secretsmanager", ssm = "vsl-test-ssm" }
    error_message = "An endpoint has no Name tag with the prefix."
  }
}

run "an_endpoint_nobody_uses_is_refused" {
  command = plan

  module {
    source = "./modules/function_network"
  }

  variables {
    endpoints = ["ssm", "kms"]
  }

  expect_failures = [var.endpoints]
}

run "endpoints_without_a_subnet_are_refused" {
  command = plan

  module {
    source = "./modules/function_network"
  }

  variables {
    endpoint_subnet_ids = []
  }

  expect_failures = [var.endpoint_subnet_ids]
}

run "functions_without_a_subnet_are_refused" {
  command = plan

  module {
    source = "./modules/function_network"
  }

  variables {
    subnet_ids = []
  }

  expect_failures = [var.subnet_ids]
}

run "a_peer_that_is_no_block_of_addresses_is_refused" {
  command = plan

  module {
    source = "./modules/function_network"
  }

  variables {
    peers = { database = { cidr = "db.example.com", port = 5432 } }
  }

  expect_failures = [var.peers]
}

run "a_peer_without_a_port_is_refused" {
  command = plan

  module {
    source = "./modules/function_network"
  }

  variables {
    peers = { database = { cidr = "10.20.30.0/24", port = 0 } }
  }

  expect_failures = [var.peers]
}
