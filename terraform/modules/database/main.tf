locals {
  name     = "${var.platform.prefix}-database"
  database = "vsl"
  owner    = "vsl_owner"
  groups   = toset(["media", "access", "jobs"]) # groups of functions; each logs in as its own role
  port     = 5432
}

resource "aws_db_instance" "this" {
  #checkov:skip=CKV_AWS_157:The standby in a second zone is a variable (multi_az): prod has it, other environments save its price

  identifier           = local.name
  engine               = "postgres"
  engine_version       = var.instance.engine_version # RDS takes the newest minor version, which Terraform does not report as a change
  instance_class       = var.instance.instance_class
  parameter_group_name = aws_db_parameter_group.this.name
  ca_cert_identifier   = "rds-ca-rsa2048-g1" # the shared layer holds its root, one file per region

  # RDS creates the owner's password in a secret and rotates it every seven days: it is in no plan and no state.
  db_name                             = local.database
  username                            = local.owner
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = var.platform.key_arn
  iam_database_authentication_enabled = true

  storage_type          = "gp3"
  allocated_storage     = var.instance.storage_gb
  max_allocated_storage = var.instance.max_storage_gb
  storage_encrypted     = true
  kms_key_id            = var.platform.key_arn

  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [aws_security_group.this.id]
  port                   = local.port
  publicly_accessible    = false
  multi_az               = var.instance.multi_az

  # UTC: night in Europe, late evening in America. The two windows must not overlap.
  backup_window              = "03:00-04:00"
  maintenance_window         = "sun:05:00-sun:06:00"
  auto_minor_version_upgrade = true
  # Changes that interrupt wait for the maintenance window. RDS rejects a new major version: README.md shows how to upgrade.
  apply_immediately = var.platform.disposable

  backup_retention_period   = 7 # point-in-time restore for seven days
  copy_tags_to_snapshot     = true
  deletion_protection       = var.platform.disposable ? false : true # checkov cannot read `!`
  delete_automated_backups  = var.platform.disposable
  skip_final_snapshot       = var.platform.disposable
  final_snapshot_identifier = var.platform.disposable ? null : "${local.name}-final"

  # Free for seven days, and available for PostgreSQL on every class (not for MySQL and MariaDB on micro and small).
  performance_insights_enabled          = true
  performance_insights_retention_period = 7
  performance_insights_kms_key_id       = var.platform.key_arn
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  enabled_cloudwatch_logs_exports       = keys(aws_cloudwatch_log_group.this)

  depends_on = [aws_iam_role_policy_attachment.monitoring]
}

# A parameter group belongs to one major version. Values that equal RDS's defaults use `pending-reboot`: RDS reports that method for them, so with another
# one every plan would show a change.
resource "aws_db_parameter_group" "this" {
  name        = "${local.name}-postgres${var.instance.engine_version}"
  description = "TLS only; slow statements are logged, their values are not"
  family      = "postgres${var.instance.engine_version}"

  parameter {
    name         = "rds.force_ssl"
    value        = "1"
    apply_method = "pending-reboot"
  }

  # `ddl` would log the passwords of ALTER ROLE.
  parameter {
    name         = "log_statement"
    value        = "none"
    apply_method = "pending-reboot"
  }

  # Statements read rows by key and time out after 5 s. One that takes a second waited for a lock or lacks an index.
  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }

  parameter {
    name  = "log_lock_waits"
    value = "1"
  }

  # Values are prompts, user ids and links. PostgreSQL would log them as parameters, or without `terse` as the row that an error is about.
  parameter {
    name  = "log_parameter_max_length"
    value = "0"
  }

  parameter {
    name         = "log_parameter_max_length_on_error"
    value        = "0"
    apply_method = "pending-reboot"
  }

  parameter {
    name  = "log_error_verbosity"
    value = "terse"
  }

  lifecycle {
    create_before_destroy = true # a group in use cannot be deleted
  }
}
