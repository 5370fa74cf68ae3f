resource "aws_security_group" "endpoints" {
  count = length(var.endpoints) > 0 ? 1 : 0

  name        = "${var.platform.prefix}-endpoints"
  description = "Interface endpoints: from the functions"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.platform.prefix}-endpoints" }
}

resource "aws_vpc_security_group_ingress_rule" "endpoints_from_functions" {
  count = length(var.endpoints) > 0 ? 1 : 0

  security_group_id            = aws_security_group.endpoints[0].id
  description                  = "From the functions"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.functions.id

  tags = { Name = "${var.platform.prefix}-endpoints-from-functions" }
}

resource "aws_vpc_security_group_egress_rule" "functions_to_endpoints" {
  count = length(var.endpoints) > 0 ? 1 : 0

  security_group_id            = aws_security_group.functions.id
  description                  = "To the interface endpoints"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.endpoints[0].id

  tags = { Name = "${var.platform.prefix}-functions-to-endpoints" }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = var.endpoints

  vpc_id              = var.vpc_id
  service_name        = "com.amazonaws.${var.platform.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = var.endpoint_subnet_ids
  security_group_ids  = [aws_security_group.endpoints[0].id]
  private_dns_enabled = true # functions use the service's public host name

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
