# What the database promises, looked at from inside.

mock_provider "aws" {
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:mock" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }

  mock_resource "aws_db_instance" {
    defaults = {
      arn                = "arn:aws:rds:us-east-1:123456789012:db:vsl-test-database"
      address            = "vsl-test-database.abc.us-east-1.rds.amazonaws.com"
      resource_id        = "db-ABCDEF"
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-1-AbCdEf", secret_status = "active", kms_key_id = "" }]
    }
  }

  mock_resource "aws_db_proxy" {
    defaults = {
      arn      = "arn:aws:rds:us-east-1:123456789012:db-proxy:prx-0123"
      endpoint = "vsl-test-database.proxy-abc.us-east-1.rds.amazonaws.com"
    }
  }

  mock_resource "aws_db_proxy_default_target_group" {
    defaults = { name = "default" }
  }

  mock_resource "aws_secretsmanager_secret" {
    defaults = { arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:vsl-test/database-jobs-login-AbCdEf" }
  }

  mock_resource "aws_security_group" {
    defaults = { id = "sg-database" }
  }

  override_resource {
    target = aws_security_group.proxy
    values = { id = "sg-proxy" }
  }
}

variables {
  platform = { prefix = "vsl-test", region = "us-east-1", account_id = "123456789012", log_retention_days = 30 }
  network  = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"], client_security_group_id = "sg-clients" }
  instance = { engine_version = "17", instance_class = "db.t4g.small", storage_gb = 20, max_storage_gb = 100, multi_az = false }
  proxy    = false
}

run "functions_log_in_with_a_token_and_migrations_with_the_password_rds_keeps" {
  module {
    source = "./modules/database"
  }

  assert {
    condition = [output.urls, output.owner_url] == [
      { for group in ["media", "access", "jobs"] : group => "postgresql://vsl_${group}@vsl-test-database.abc.us-east-1.rds.amazonaws.com:5432/vsl?iam=true&sslrootcert=/opt/rds/us-east-1.pem" },
      "postgresql://vsl_owner@vsl-test-database.abc.us-east-1.rds.amazonaws.com:5432/vsl?secret=arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-1-AbCdEf&sslrootcert=/opt/rds/us-east-1.pem",
    ]
    error_message = "The URLs are not these."
  }

  assert {
    condition = output.allow == {
      connect = { for group in ["media", "access", "jobs"] : group => {
        LogInToDatabase = { actions = ["rds-db:connect"], resources = ["arn:aws:rds-db:us-east-1:123456789012:dbuser:db-ABCDEF/vsl_${group}"] }
      } }
      read_owner_login = { ReadOwnerLogin = { actions = ["secretsmanager:GetSecretValue"], resources = ["arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-1-AbCdEf"] } }
    }
    error_message = "The permissions are not these."
  }

  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.password == null && aws_db_instance.this.iam_database_authentication_enabled
    error_message = "Somebody other than RDS makes a password."
  }

  assert {
    condition     = output.proxy_logins == null && length(aws_db_proxy.this) + length(aws_secretsmanager_secret.proxy_login) + length(aws_security_group.proxy) == 0
    error_message = "There is a proxy nobody asked for."
  }
}

run "nothing_is_open_unencrypted_or_without_a_backup" {
  module {
    source = "./modules/database"
  }

  assert {
    condition     = aws_db_instance.this.storage_encrypted && !aws_db_instance.this.publicly_accessible
    error_message = "The instance is open or not encrypted."
  }

  assert {
    condition     = aws_db_instance.this.backup_retention_period == 7 && aws_db_instance.this.copy_tags_to_snapshot
    error_message = "Backups are not kept for the given time, or without tags."
  }

  assert {
    condition = (
      aws_db_instance.this.deletion_protection && !aws_db_instance.this.delete_automated_backups && !aws_db_instance.this.skip_final_snapshot &&
      aws_db_instance.this.final_snapshot_identifier == "vsl-test-database-final"
    )
    error_message = "A database that is not disposable can be lost."
  }

  assert {
    condition     = !aws_db_instance.this.apply_immediately && !coalesce(aws_db_instance.this.allow_major_version_upgrade, false)
    error_message = "A change interrupts at once, or a new major version comes by surprise."
  }

  assert {
    condition     = { for parameter in aws_db_parameter_group.this.parameter : parameter.name => parameter.value }["rds.force_ssl"] == "1"
    error_message = "Plaintext is not refused."
  }
}

run "a_disposable_database_leaves_nothing_behind" {
  command = plan

  module {
    source = "./modules/database"
  }

  variables {
    platform = merge(var.platform, { disposable = true })
  }

  assert {
    condition     = !aws_db_instance.this.deletion_protection && aws_db_instance.this.delete_automated_backups && aws_db_instance.this.skip_final_snapshot
    error_message = "It cannot be destroyed without a trace."
  }
}

run "slow_statements_are_logged_without_their_values_and_logs_end" {
  command = plan

  module {
    source = "./modules/database"
  }

  assert {
    condition = { for parameter in aws_db_parameter_group.this.parameter : parameter.name => parameter.value if startswith(parameter.name, "log_") } == {
      log_statement                     = "none"
      log_min_duration_statement        = "1000"
      log_lock_waits                    = "1"
      log_parameter_max_length          = "0"
      log_parameter_max_length_on_error = "0"
      log_error_verbosity               = "terse"
    }
    error_message = "The log may hold values."
  }

  # For what is RDS's default RDS keeps `pending-reboot`; with `immediate` each plan would show a change.
  assert {
    condition = toset([for parameter in aws_db_parameter_group.this.parameter : parameter.name if parameter.apply_method == "pending-reboot"]) == toset([
      "rds.force_ssl", "log_statement", "log_parameter_max_length_on_error",
    ])
    error_message = "A parameter is applied in the wrong way."
  }

  assert {
    condition = { for group in aws_cloudwatch_log_group.this : group.name => group.retention_in_days } == {
      "/aws/rds/instance/vsl-test-database/postgresql"        = 30
      "/aws/rds/instance/vsl-test-database/upgrade"           = 30
      "/aws/rds/instance/vsl-test-database/iam-db-auth-error" = 30
    }
    error_message = "A log has another name than RDS gives it, or no end."
  }

  assert {
    condition     = aws_db_instance.this.enabled_cloudwatch_logs_exports == toset(keys(aws_cloudwatch_log_group.this))
    error_message = "A log is not delivered."
  }

  assert {
    condition     = aws_db_instance.this.performance_insights_enabled && aws_db_instance.this.performance_insights_retention_period == 7 && aws_db_instance.this.monitoring_interval == 60
    error_message = "Nobody could see why the database is slow."
  }
}

run "every_major_version_has_its_own_parameters" {
  command = plan

  module {
    source = "./modules/database"
  }

  variables {
    instance = merge(var.instance, { engine_version = "18" })
  }

  assert {
    condition     = [aws_db_parameter_group.this.name, aws_db_parameter_group.this.family, aws_db_instance.this.engine_version] == ["vsl-test-database-postgres18", "postgres18", "18"]
    error_message = "The parameters are for another version."
  }
}

run "only_the_functions_reach_the_instance" {
  module {
    source = "./modules/database"
  }

  assert {
    condition     = aws_db_instance.this.vpc_security_group_ids == toset(["sg-database"]) && length(aws_vpc_security_group_ingress_rule.from_proxy) == 0
    error_message = "The instance is in another group, or somebody else is let in."
  }

  assert {
    condition = alltrue([for rule in [
      { at = aws_vpc_security_group_ingress_rule.from_clients, group = "sg-database", peer = "sg-clients" },
      { at = aws_vpc_security_group_egress_rule.clients_to_database, group = "sg-clients", peer = "sg-database" },
    ] : rule.at.security_group_id == rule.group && rule.at.referenced_security_group_id == rule.peer && rule.at.from_port == 5432 && rule.at.to_port == 5432])
    error_message = "The rules do not name functions and database, or open more than PostgreSQL's port."
  }
}

run "with_a_proxy_functions_log_in_there_and_the_proxy_with_a_secret_of_its_own" {
  module {
    source = "./modules/database"
  }

  variables {
    proxy = true
  }

  assert {
    condition     = output.urls == { for group in ["media", "access", "jobs"] : group => "postgresql://vsl_${group}_proxy@vsl-test-database.proxy-abc.us-east-1.rds.amazonaws.com:5432/vsl?iam=true" }
    error_message = "The functions go elsewhere."
  }

  assert {
    condition     = startswith(output.owner_url, "postgresql://vsl_owner@vsl-test-database.abc.us-east-1.rds.amazonaws.com:5432/")
    error_message = "Migrations do not go to the instance."
  }

  assert {
    condition = output.allow.connect == { for group in ["media", "access", "jobs"] : group => {
      LogInToDatabase = { actions = ["rds-db:connect"], resources = ["arn:aws:rds-db:us-east-1:123456789012:dbuser:prx-0123/vsl_${group}_proxy"] }
    } }
    error_message = "The permission is not for the proxy and its role alone."
  }

  assert {
    condition = output.proxy_logins == {
      secret_ids = { for group in ["media", "access", "jobs"] : "vsl_${group}_proxy" => "vsl-test/database-${group}-login" }
      allow = { write = { FillProxyLogins = {
        actions   = ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"]
        resources = values(aws_secretsmanager_secret.proxy_login)[*].arn
      } } }
    }
    error_message = "The proxy's logins are not these."
  }

  assert {
    condition     = aws_db_proxy.this[0].require_tls && toset([for auth in aws_db_proxy.this[0].auth : "${auth.iam_auth} ${auth.secret_arn}"]) == toset([for secret in aws_secretsmanager_secret.proxy_login : "REQUIRED ${secret.arn}"])
    error_message = "The proxy takes something else than tokens over TLS, or logs in with another secret."
  }

  assert {
    condition     = length(aws_secretsmanager_secret.proxy_login) == 3 && alltrue([for secret in aws_secretsmanager_secret.proxy_login : secret.recovery_window_in_days == 0])
    error_message = "A proxy that is switched off and on again would find its secret's name taken."
  }

  assert {
    condition     = [aws_cloudwatch_log_group.proxy[0].name, aws_cloudwatch_log_group.proxy[0].retention_in_days] == ["/aws/rds/proxy/vsl-test-database", 30]
    error_message = "The proxy's log has another name than RDS gives it, or no end."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.proxy[0].policy).Statement == [
      { Sid = "ReadProxyLogins", Effect = "Allow", Action = ["secretsmanager:GetSecretValue"], Resource = values(aws_secretsmanager_secret.proxy_login)[*].arn },
    ]
    error_message = "The proxy may do more than read its logins."
  }

  assert {
    condition = alltrue([for rule in [
      { at = aws_vpc_security_group_ingress_rule.proxy_from_clients[0], group = "sg-proxy", peer = "sg-clients" },
      { at = aws_vpc_security_group_egress_rule.clients_to_proxy[0], group = "sg-clients", peer = "sg-proxy" },
      { at = aws_vpc_security_group_egress_rule.proxy_to_database[0], group = "sg-proxy", peer = "sg-database" },
      { at = aws_vpc_security_group_ingress_rule.from_proxy[0], group = "sg-database", peer = "sg-proxy" },
    ] : rule.at.security_group_id == rule.group && rule.at.referenced_security_group_id == rule.peer && rule.at.from_port == 5432 && rule.at.to_port == 5432])
    error_message = "The proxy does not stand between functions and database, or is open wider."
  }
}

run "with_a_customer_key_everything_is_encrypted_with_it" {
  module {
    source = "./modules/database"
  }

  variables {
    platform = merge(var.platform, { key_arn = "arn:aws:kms:us-east-1:123456789012:key/mock" })
    proxy    = true
  }

  assert {
    condition = alltrue([for key in concat([
      aws_db_instance.this.kms_key_id, aws_db_instance.this.master_user_secret_kms_key_id, aws_db_instance.this.performance_insights_kms_key_id,
      aws_secretsmanager_secret.proxy_login["media"].kms_key_id,
      aws_cloudwatch_log_group.proxy[0].kms_key_id,
    ], values(aws_cloudwatch_log_group.this)[*].kms_key_id) : key == var.platform.key_arn])
    error_message = "Something is encrypted with another key."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.proxy[0].policy).Statement[1] == {
      Sid       = "DecryptProxyLogins"
      Effect    = "Allow"
      Action    = ["kms:Decrypt"]
      Resource  = [var.platform.key_arn]
      Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.us-east-1.amazonaws.com" } }
    }
    error_message = "The proxy cannot decrypt its login, or may decrypt more."
  }
}

run "every_name_carries_the_prefix" {
  module {
    source = "./modules/database"
  }

  variables {
    proxy = true
  }

  assert {
    condition = [
      aws_db_instance.this.identifier, aws_db_proxy.this[0].name, aws_db_subnet_group.this.name, aws_security_group.this.name, output.name,
      aws_security_group.proxy[0].name, aws_iam_role.proxy[0].name, aws_iam_role_policy.proxy[0].name, aws_iam_role.monitoring.name,
      ] == [
      "vsl-test-database", "vsl-test-database", "vsl-test-database", "vsl-test-database", "vsl-test-database",
      "vsl-test-database-proxy", "vsl-test-database-proxy", "vsl-test-database-proxy", "vsl-test-database-monitoring",
    ]
    error_message = "Something has another name."
  }
}

run "rejects_a_single_subnet_and_a_minor_version" {
  command = plan

  module {
    source = "./modules/database"
  }

  variables {
    network  = merge(var.network, { subnet_ids = ["subnet-1"] })
    instance = merge(var.instance, { engine_version = "17.4" })
  }

  expect_failures = [var.network, var.instance]
}

run "rejects_a_size_of_another_service" {
  command = plan

  module {
    source = "./modules/database"
  }

  variables {
    instance = merge(var.instance, { instance_class = "t4g.small" })
  }

  expect_failures = [var.instance]
}

run "rejects_less_storage_than_rds_offers" {
  command = plan

  module {
    source = "./modules/database"
  }

  variables {
    instance = merge(var.instance, { storage_gb = 10 })
  }

  expect_failures = [var.instance]
}

run "rejects_storage_without_room_to_grow" {
  command = plan

  module {
    source = "./modules/database"
  }

  variables {
    instance = merge(var.instance, { storage_gb = 100, max_storage_gb = 100 })
  }

  expect_failures = [var.instance]
}

run "an_interrupted_creation_leaves_valid_permissions" {
  state_key = "interrupted" # an instance of its own: the others have their secret already

  module {
    source = "./modules/database"
  }

  override_resource {
    target = aws_db_instance.this
    values = {
      arn                = "arn:aws:rds:us-east-1:123456789012:db:vsl-test-database"
      address            = ""
      resource_id        = "db-ABCDEF"
      master_user_secret = []
    }
  }

  assert {
    condition     = output.allow.read_owner_login.ReadOwnerLogin.resources == ["arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!missing"]
    error_message = "IAM would refuse the policy: its resource is not an ARN."
  }
}
