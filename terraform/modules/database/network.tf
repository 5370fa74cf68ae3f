resource "aws_db_subnet_group" "this" {
  name        = local.name
  description = "Where ${local.name} may be"
  subnet_ids  = var.network.subnet_ids
}

# Allows connections from the functions and the proxy, and no outgoing ones.
resource "aws_security_group" "this" {
  name        = local.name
  description = "The database ${local.name}"
  vpc_id      = var.network.vpc_id
}

# Needed with a proxy too: migrations log in to the instance.
resource "aws_vpc_security_group_ingress_rule" "from_clients" {
  security_group_id            = aws_security_group.this.id
  description                  = "PostgreSQL from the functions"
  referenced_security_group_id = var.network.client_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

resource "aws_vpc_security_group_egress_rule" "clients_to_database" {
  security_group_id            = var.network.client_security_group_id
  description                  = "PostgreSQL at ${local.name}"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}
