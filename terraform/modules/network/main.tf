# Not filtered by state: an impaired zone would leave the list, and its subnets the plan.
data "aws_availability_zones" "this" {
  # RDS Proxy is not offered in this one: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.html#rds-proxy.limitations
  exclude_zone_ids = ["use1-az3"]

  # The name of an availability zone is its region and a letter; a local zone is us-east-1-bos-1a.
  filter {
    name   = "zone-name"
    values = [for letter in ["a", "b", "c", "d", "e", "f"] : "${var.platform.region}${letter}"]
  }

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  offered_zones = sort(data.aws_availability_zones.this.names)

  # Zone => its index in every tier. A third zone comes last, so no subnet moves.
  zones = { for index, zone in slice(local.offered_zones, 0, min(var.zones, length(local.offered_zones))) : zone => index }

  # Zone => the zone of its NAT gateway.
  nat_zones = { for zone in keys(local.zones) : zone => var.redundant ? zone : keys(local.zones)[0] }
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true # required for private DNS names of interface endpoints

  tags = { Name = var.platform.prefix }

  # Not a postcondition of the zones: Terraform would read a data source with conditions only after every resource it depends on exists, such as
  # the customer key in `platform`. https://developer.hashicorp.com/terraform/language/data-sources
  lifecycle {
    precondition {
      condition     = length(local.offered_zones) >= var.zones
      error_message = "The region offers ${length(local.offered_zones)} zones to this account, not ${var.zones}."
    }
  }
}

# --- the VPC's defaults: resources without a chosen group or table reach nothing

resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.platform.prefix}-closed" }
}

resource "aws_default_route_table" "closed" {
  default_route_table_id = aws_vpc.this.default_route_table_id
  route                  = []

  tags = { Name = "${var.platform.prefix}-closed" }
}
