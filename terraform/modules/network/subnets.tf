# Sixteen equal blocks, four for each tier of which three at most are used: functions from 0, data from 4, public from 8.
# 12 to 15 are free.

resource "aws_subnet" "functions" {
  for_each = local.zones

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.cidr, 4, each.value)

  tags = { Name = "${var.prefix}-functions-${each.key}" }
}

resource "aws_subnet" "data" {
  for_each = local.zones

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.cidr, 4, 4 + each.value)

  tags = { Name = "${var.prefix}-data-${each.key}" }
}

# Only where there is a NAT gateway: nothing else is public.
resource "aws_subnet" "public" {
  for_each = toset(values(local.nat_zones))

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = cidrsubnet(var.cidr, 4, 8 + local.zones[each.key])
  map_public_ip_on_launch = false

  tags = { Name = "${var.prefix}-public-${each.key}" }
}
