# --- public: to the internet

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id

  tags = { Name = var.platform.prefix }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.platform.prefix}-public" }
}

resource "aws_route" "internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}

resource "aws_eip" "nat" {
  for_each = aws_subnet.public

  domain = "vpc"

  tags = { Name = "${var.platform.prefix}-nat-${each.key}" }

  # AWS associates and releases an address only while the VPC has its internet gateway.
  depends_on = [aws_internet_gateway.this]
}

resource "aws_nat_gateway" "this" {
  for_each = aws_subnet.public

  subnet_id     = each.value.id
  allocation_id = aws_eip.nat[each.key].id

  tags = { Name = "${var.platform.prefix}-${each.key}" }

  depends_on = [aws_route.internet, aws_route_table_association.public]
}

# --- functions: to S3 and DynamoDB through gateway endpoints, to the internet through NAT

resource "aws_route_table" "functions" {
  for_each = aws_subnet.functions

  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.platform.prefix}-functions-${each.key}" }
}

resource "aws_route" "nat" {
  for_each = local.nat_zones

  route_table_id         = aws_route_table.functions[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[each.value].id
}

resource "aws_route_table_association" "functions" {
  for_each = aws_subnet.functions

  subnet_id      = each.value.id
  route_table_id = aws_route_table.functions[each.key].id
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = toset(["dynamodb", "s3"])

  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${var.platform.region}.${each.key}"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for table in aws_route_table.functions : table.id]

  # Limits the endpoint to callers and data of this account. What a function may do is defined by its role.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OwnCallersAndOwnDataOnly"
      Effect    = "Allow"
      Principal = "*"
      Action    = "${each.key}:*"
      Resource  = "*"
      Condition = { StringEquals = {
        "aws:PrincipalAccount" = var.platform.account_id
        "aws:ResourceAccount"  = var.platform.account_id
      } }
    }]
  })

  tags = { Name = "${var.platform.prefix}-${each.key}" }
}

# --- data: no route out of the VPC

resource "aws_route_table" "data" {
  vpc_id = aws_vpc.this.id
  route  = [] # the next apply removes a route added by hand

  tags = { Name = "${var.platform.prefix}-data" }
}

resource "aws_route_table_association" "data" {
  for_each = aws_subnet.data

  subnet_id      = each.value.id
  route_table_id = aws_route_table.data.id
}
