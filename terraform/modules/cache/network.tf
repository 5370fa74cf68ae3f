resource "aws_elasticache_subnet_group" "this" {
  name        = local.name
  description = "Where ${local.name} may be"
  subnet_ids  = var.network.subnet_ids
}

# Allows connections from the functions, and no outgoing ones.
resource "aws_security_group" "this" {
  name        = local.name
  description = "The cache ${local.name}"
  vpc_id      = var.network.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "from_clients" {
  security_group_id            = aws_security_group.this.id
  description                  = "Redis from the functions"
  referenced_security_group_id = var.network.client_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

resource "aws_vpc_security_group_egress_rule" "clients_to_cache" {
  security_group_id            = var.network.client_security_group_id
  description                  = "Redis at ${local.name}"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}
