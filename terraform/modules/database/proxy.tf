# RDS Proxy keeps connections to the instance open and shares them between functions. Functions log in with a token; the proxy logs in with a password,
# as roles that only it uses. Each role needs its own secret.

# Created empty: `apply_migrations` generates the passwords and writes them here. Until then the proxy rejects every login.
resource "aws_secretsmanager_secret" "proxy_login" {
  #checkov:skip=CKV2_AWS_57:256 random bits that only apply_migrations and the proxy read; rotation would need a second function with the owner's rights
  for_each = var.proxy ? local.groups : []

  name                    = "${var.platform.prefix}/database-${each.key}-login"
  description             = "Login of vsl_${each.key}_proxy for the proxy: {\"username\", \"password\"}, written by apply_migrations"
  kms_key_id              = var.platform.key_arn
  recovery_window_in_days = 0 # apply_migrations can create the login again; a name reserved for a week would block creating the proxy again
}

resource "aws_iam_role" "proxy" {
  count = var.proxy ? 1 : 0

  name                 = "${local.name}-proxy"
  description          = "What the proxy of ${local.name} may do"
  permissions_boundary = var.platform.permissions_boundary_arn

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
    Statement = concat([
      {
        Sid      = "ReadProxyLogins"
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = values(aws_secretsmanager_secret.proxy_login)[*].arn
      }
    ], local.decrypt_proxy_logins)
  })
}

locals {
  decrypt_proxy_logins = var.platform.key_arn == null ? [] : [{
    Sid       = "DecryptProxyLogins"
    Effect    = "Allow"
    Action    = ["kms:Decrypt"]
    Resource  = [var.platform.key_arn]
    Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.${var.platform.region}.amazonaws.com" } }
  }]
}

resource "aws_db_proxy" "this" {
  count = var.proxy ? 1 : 0

  name                   = local.name
  engine_family          = "POSTGRESQL"
  role_arn               = aws_iam_role.proxy[0].arn
  require_tls            = true
  vpc_subnet_ids         = var.network.subnet_ids
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

# Created before the proxy, because RDS would create it without a retention.
resource "aws_cloudwatch_log_group" "proxy" {
  count = var.proxy ? 1 : 0

  name              = "/aws/rds/proxy/${local.name}"
  retention_in_days = var.platform.log_retention_days
  kms_key_id        = var.platform.key_arn
}

resource "aws_db_proxy_default_target_group" "this" {
  count = var.proxy ? 1 : 0

  db_proxy_name = aws_db_proxy.this[0].name

  connection_pool_config {
    max_connections_percent      = 90 # the rest is reserved for migrations
    max_idle_connections_percent = 50
    connection_borrow_timeout    = 5 # seconds; functions time out after six
  }
}

resource "aws_db_proxy_target" "this" {
  count = var.proxy ? 1 : 0

  db_proxy_name          = aws_db_proxy.this[0].name
  target_group_name      = aws_db_proxy_default_target_group.this[0].name
  db_instance_identifier = aws_db_instance.this.identifier
}

# The proxy calls Secrets Manager from AWS's own network, so this group allows PostgreSQL only.
resource "aws_security_group" "proxy" {
  #checkov:skip=CKV2_AWS_5:The proxy uses it; checkov does not know aws_db_proxy
  count = var.proxy ? 1 : 0

  name        = "${local.name}-proxy"
  description = "The proxy of ${local.name}"
  vpc_id      = var.network.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "proxy_from_clients" {
  count = var.proxy ? 1 : 0

  security_group_id            = aws_security_group.proxy[0].id
  description                  = "PostgreSQL from the functions"
  referenced_security_group_id = var.network.client_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

resource "aws_vpc_security_group_egress_rule" "clients_to_proxy" {
  count = var.proxy ? 1 : 0

  security_group_id            = var.network.client_security_group_id
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
