locals {
  name     = "${var.prefix}-database"
  database = "vsl"
  owner    = "vsl_owner"
  groups   = toset(["media", "access", "jobs"]) # of functions: each logs in as a role of its own
  port     = 5432
}

resource "aws_db_instance" "this" {
  #checkov:skip=CKV_AWS_157:The standby in a second zone is a variable (multi_az): prod has it, the others do without its price

  identifier           = local.name
  engine               = "postgres"
  engine_version       = var.engine_version # of its minor versions RDS takes the newest; it is no difference to Terraform
  instance_class       = var.instance_class
  parameter_group_name = aws_db_parameter_group.this.name
  ca_cert_identifier   = "rds-ca-rsa2048-g1" # its root is in the shared layer, one file for each region

  # The owner's password is RDS's own: in a secret RDS makes, renewed each week, never in a plan or a state.
  db_name                             = local.database
  username                            = local.owner
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = var.key_arn
  iam_database_authentication_enabled = true

  storage_type          = "gp3"
  allocated_storage     = var.storage_gb
  max_allocated_storage = var.max_storage_gb
  storage_encrypted     = true
  kms_key_id            = var.key_arn

  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [aws_security_group.this.id]
  port                   = local.port
  publicly_accessible    = false
  multi_az               = var.multi_az

  # UTC: night in Europe, late evening in America. The two may not overlap.
  backup_window              = "03:00-04:00"
  maintenance_window         = "sun:05:00-sun:06:00"
  auto_minor_version_upgrade = true
  # What interrupts waits for the maintenance window. A new major version is refused by RDS: README.md says how to get it.
  apply_immediately = var.disposable

  backup_retention_period   = 7 # days in which any second can be restored
  copy_tags_to_snapshot     = true
  deletion_protection       = var.disposable ? false : true # checkov cannot read `!`
  delete_automated_backups  = var.disposable
  skip_final_snapshot       = var.disposable
  final_snapshot_identifier = var.disposable ? null : "${local.name}-final"

  # Free for seven days; every class has it for PostgreSQL (it is MySQL and MariaDB that lack it on micro and small).
  performance_insights_enabled          = true
  performance_insights_retention_period = 7
  performance_insights_kms_key_id       = var.key_arn
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  enabled_cloudwatch_logs_exports       = keys(aws_cloudwatch_log_group.this)

  depends_on = [aws_iam_role_policy_attachment.monitoring]
}

# One for each major version, since a group belongs to one. What RDS has as its default anyway is said with `pending-reboot`:
# RDS keeps that word for it, and with another one each plan would show a change.
resource "aws_db_parameter_group" "this" {
  name        = "${local.name}-postgres${var.engine_version}"
  description = "TLS only; slow statements are logged, their values are not"
  family      = "postgres${var.engine_version}"

  parameter {
    name         = "rds.force_ssl"
    value        = "1"
    apply_method = "pending-reboot"
  }

  # `ddl` would write the passwords of ALTER ROLE into the log.
  parameter {
    name         = "log_statement"
    value        = "none"
    apply_method = "pending-reboot"
  }

  # Statements touch rows by key and are cut off after 5 s; one that takes a second has waited or lacks an index.
  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }

  parameter {
    name  = "log_lock_waits"
    value = "1"
  }

  # Values are prompts, people and links. They would be logged as parameters, or (without `terse`) as the row an error is about.
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
    create_before_destroy = true # a group that is in use cannot be deleted
  }
}
