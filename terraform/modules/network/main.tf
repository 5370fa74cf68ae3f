data "aws_caller_identity" "this" {}

# Not filtered by state: a zone in trouble would drop out of the list, and its subnets out of the plan.
data "aws_availability_zones" "this" {
  # RDS Proxy is not offered in this one: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.html#rds-proxy.limitations
  exclude_zone_ids = ["use1-az3"]

  # A zone proper is its region and a letter; a local zone is us-east-1-bos-1a.
  filter {
    name   = "zone-name"
    values = [for letter in ["a", "b", "c", "d", "e", "f"] : "${var.region}${letter}"]
  }

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }

  lifecycle {
    postcondition {
      condition     = length(self.names) >= var.zones
      error_message = "The region offers ${length(self.names)} zones to this account, not ${var.zones}."
    }
  }
}

locals {
  # Zone => its place in every tier. A third zone comes last and moves nobody.
  zones = { for place, zone in slice(sort(data.aws_availability_zones.this.names), 0, var.zones) : zone => place }

  # Zone => the zone of its NAT gateway.
  nat_zones = { for zone in keys(local.zones) : zone => var.redundant ? zone : keys(local.zones)[0] }
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true # interface endpoints take over the names of their services only with it

  tags = { Name = var.prefix }
}

# --- what a VPC is born with: what nobody chose can reach nothing

resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.prefix}-closed" }
}

resource "aws_default_route_table" "closed" {
  default_route_table_id = aws_vpc.this.default_route_table_id
  route                  = []

  tags = { Name = "${var.prefix}-closed" }
}
