# RDS Proxy: keeps connections to the instance open and hands them to functions, which come and go. Functions show it a token;
# it logs in with a password, as a role that has no other use. Each role takes a secret of its own.

# Made empty: `apply_migrations` makes up the passwords and writes them here. Until then the proxy exists but refuses every login.
resource "aws_secretsmanager_secret" "proxy_login" {
  #checkov:skip=CKV2_AWS_57:256 random bits that only apply_migrations and the proxy ever see; to rotate them would take a second function with the owner's rights
  for_each = var.proxy ? local.groups : []

  name                    = "${var.prefix}/database-${each.key}-login"
  description             = "Login of vsl_${each.key}_proxy for the proxy: {\"username\", \"password\"}, written by apply_migrations"
  kms_key_id              = var.key_arn
  recovery_window_in_days = 0 # apply_migrations can make a login anew; a name kept back for a week would bar the proxy's return
}

resource "aws_iam_role" "proxy" {
  count = var.proxy ? 1 : 0

  name                 = "${local.name}-proxy"
  description          = "What the proxy of ${local.name} may do"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "RunAsProxy"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "rds.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "proxy" {
  count = var.proxy ? 1 : 0

  name = "${local.name}-proxy"
  role = aws_iam_role.proxy[0].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([{
      Sid      = "ReadProxyLogins"
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = values(aws_secretsmanager_secret.proxy_login)[*].arn
      }], [for key in var.key_arn[*] : {
      Sid       = "DecryptProxyLogins"
      Effect    = "Allow"
      Action    = ["kms:Decrypt"]
      Resource  = [key]
      Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.${var.region}.amazonaws.com" } }
    }])
  })
}

resource "aws_db_proxy" "this" {
  count = var.proxy ? 1 : 0

  name                   = local.name
  engine_family          = "POSTGRESQL"
  role_arn               = aws_iam_role.proxy[0].arn
  require_tls            = true
  vpc_subnet_ids         = var.subnet_ids
  vpc_security_group_ids = [aws_security_group.proxy[0].id]

  dynamic "auth" {
    for_each = aws_secretsmanager_secret.proxy_login

    content {
      auth_scheme = "SECRETS"
      iam_auth    = "REQUIRED"
      secret_arn  = auth.value.arn
    }
  }

  depends_on = [aws_iam_role_policy.proxy, aws_cloudwatch_log_group.proxy]
}

# Before the proxy: left to RDS it would be made without a retention.
resource "aws_cloudwatch_log_group" "proxy" {
  count = var.proxy ? 1 : 0

  name              = "/aws/rds/proxy/${local.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn
}

resource "aws_db_proxy_default_target_group" "this" {
  count = var.proxy ? 1 : 0

  db_proxy_name = aws_db_proxy.this[0].name

  connection_pool_config {
    max_connections_percent      = 90 # the rest is for migrations
    max_idle_connections_percent = 50
    connection_borrow_timeout    = 5 # seconds; functions give up after six
  }
}

resource "aws_db_proxy_target" "this" {
  count = var.proxy ? 1 : 0

  db_proxy_name          = aws_db_proxy.this[0].name
  target_group_name      = aws_db_proxy_default_target_group.this[0].name
  db_instance_identifier = aws_db_instance.this.identifier
}

# The proxy asks Secrets Manager from AWS's own network, so PostgreSQL is all that goes in and out here.
resource "aws_security_group" "proxy" {
  #checkov:skip=CKV2_AWS_5:the proxy is in it; checkov does not know aws_db_proxy
  count = var.proxy ? 1 : 0

  name        = "${local.name}-proxy"
  description = "The proxy of ${local.name}"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "proxy_from_clients" {
  count = var.proxy ? 1 : 0

  security_group_id            = aws_security_group.proxy[0].id
  description                  = "PostgreSQL from the functions"
  referenced_security_group_id = var.client_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

resource "aws_vpc_security_group_egress_rule" "clients_to_proxy" {
  count = var.proxy ? 1 : 0

  security_group_id            = var.client_security_group_id
  description                  = "PostgreSQL at the proxy of ${local.name}"
  referenced_security_group_id = aws_security_group.proxy[0].id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

resource "aws_vpc_security_group_egress_rule" "proxy_to_database" {
  count = var.proxy ? 1 : 0

  security_group_id            = aws_security_group.proxy[0].id
  description                  = "PostgreSQL at ${local.name}"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

resource "aws_vpc_security_group_ingress_rule" "from_proxy" {
  count = var.proxy ? 1 : 0

  security_group_id            = aws_security_group.this.id
  description                  = "PostgreSQL from the proxy"
  referenced_security_group_id = aws_security_group.proxy[0].id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}
