locals {
  # arn:<partition>:rds:<region>:<account>:db:<identifier>
  arn = split(":", aws_db_instance.this.arn)
  # arn:<partition>:rds:<region>:<account>:db-proxy:prx-<id>
  proxy_id = one([for proxy in aws_db_proxy.this : split(":", proxy.arn)[6]])

  login     = var.proxy ? { role = local.proxy_role, at = local.proxy_id } : { role = local.app, at = aws_db_instance.this.resource_id }
  login_arn = "arn:${local.arn[1]}:rds-db:${local.arn[3]}:${local.arn[4]}:dbuser:${local.login.at}/${local.login.role}"

  # RDS makes the secret some time after the instance, so a creation that was interrupted leaves an instance without one.
  # Destroy must work even then: IAM refuses a policy whose resource is not an ARN, and this one is an ARN of no secret.
  no_secret    = "arn:${local.arn[1]}:secretsmanager:${local.arn[3]}:${local.arn[4]}:secret:rds!missing"
  owner_secret = try(aws_db_instance.this.master_user_secret[0].secret_arn, local.no_secret)

  address = "${aws_db_instance.this.address}:${local.port}/${local.database}"
  root    = "sslrootcert=/opt/rds/${var.region}.pem"
  # The proxy shows a certificate of Amazon's public authority, which Python trusts anyway.
  proxy_url = one([for proxy in aws_db_proxy.this : "postgresql://${local.proxy_role}@${proxy.endpoint}:${local.port}/${local.database}?iam=true"])
}

output "url" {
  description = "Where the functions log in, with a token: at the proxy, or without one at the instance."
  value       = var.proxy ? local.proxy_url : "postgresql://${local.app}@${local.address}?iam=true&${local.root}"
}

output "owner_url" {
  description = "Where migrations log in, always at the instance: as the owner, whose password is in the secret the URL names."
  value       = "postgresql://${local.owner}@${local.address}?secret=${local.owner_secret}&${local.root}"
}

output "allow" {
  description = "Permission statements: `connect` for the functions, `read_owner_login` for migrations."
  value = {
    connect = {
      LogInToDatabase = { actions = ["rds-db:connect"], resources = [local.login_arn] }
    }
    read_owner_login = {
      ReadOwnerLogin = { actions = ["secretsmanager:GetSecretValue"], resources = [local.owner_secret] }
    }
  }
}

output "proxy_login" {
  description = "The secret with the proxy's login, for `apply_migrations` to fill: its name and the permission statements `write`. null without a proxy."
  value = one([for secret in aws_secretsmanager_secret.proxy_login : {
    secret_id = secret.name
    allow = {
      write = {
        FillProxyLogin = { actions = ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"], resources = [secret.arn] }
      }
    }
  }])
}

output "name" {
  description = "Identifier of the instance, as in its metrics and log groups; the proxy has the same name."
  value       = aws_db_instance.this.identifier
}
