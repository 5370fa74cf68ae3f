# Sixteen equal blocks: functions use 0 to 2, data 4 to 6, public 8 to 10. Blocks 3, 7, 11 and 12 to 15 are unused.

resource "aws_subnet" "functions" {
  for_each = local.zones

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.cidr, 4, each.value)

  tags = { Name = "${var.platform.prefix}-functions-${each.key}" }
}

resource "aws_subnet" "data" {
  for_each = local.zones

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.cidr, 4, 4 + each.value)

  tags = { Name = "${var.platform.prefix}-data-${each.key}" }
}

# Only in zones with a NAT gateway; nothing else is public.
resource "aws_subnet" "public" {
  for_each = toset(values(local.nat_zones))

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = cidrsubnet(var.cidr, 4, 8 + local.zones[each.key])
  map_public_ip_on_launch = false

  tags = { Name = "${var.platform.prefix}-public-${each.key}" }
}
