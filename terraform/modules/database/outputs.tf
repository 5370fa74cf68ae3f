locals {
  # arn:<partition>:rds:<region>:<account>:db:<identifier>
  arn = split(":", aws_db_instance.this.arn)
  # arn:<partition>:rds:<region>:<account>:db-proxy:prx-<id>
  proxy_id = one([for proxy in aws_db_proxy.this : split(":", proxy.arn)[6]])

  # Of each group of functions: its role, and the proxy or instance for which its tokens are.
  logins = { for group in local.groups : group => {
    role = var.proxy ? "vsl_${group}_proxy" : "vsl_${group}"
    at   = var.proxy ? local.proxy_id : aws_db_instance.this.resource_id
  } }

  # RDS makes the secret some time after the instance, so a creation that was interrupted leaves an instance without one.
  # Destroy must work even then: IAM refuses a policy whose resource is not an ARN, and this one is an ARN of no secret.
  no_secret    = "arn:${local.arn[1]}:secretsmanager:${local.arn[3]}:${local.arn[4]}:secret:rds!missing"
  owner_secret = try(aws_db_instance.this.master_user_secret[0].secret_arn, local.no_secret)

  address = "${aws_db_instance.this.address}:${local.port}/${local.database}"
  root    = "sslrootcert=/opt/rds/${var.region}.pem"
  # The proxy shows a certificate of Amazon's public authority, which Python trusts anyway.
  server = var.proxy ? "${one(aws_db_proxy.this[*].endpoint)}:${local.port}/${local.database}?iam=true" : "${local.address}?iam=true&${local.root}"
}

output "urls" {
  description = "Where each group of functions (media, access, jobs) logs in, with a token: at the proxy, or without one at the instance."
  value       = { for group, login in local.logins : group => "postgresql://${login.role}@${local.server}" }
}

output "owner_url" {
  description = "Where migrations log in, always at the instance: as the owner, whose password is in the secret the URL names."
  value       = "postgresql://${local.owner}@${local.address}?secret=${local.owner_secret}&${local.root}"
}

output "allow" {
  description = "Permission statements: `connect` for the functions of each group, `read_owner_login` for migrations."
  value = {
    connect = { for group, login in local.logins : group => {
      LogInToDatabase = {
        actions   = ["rds-db:connect"]
        resources = ["arn:${local.arn[1]}:rds-db:${local.arn[3]}:${local.arn[4]}:dbuser:${login.at}/${login.role}"]
      }
    } }
    read_owner_login = {
      ReadOwnerLogin = { actions = ["secretsmanager:GetSecretValue"], resources = [local.owner_secret] }
    }
  }
}

output "proxy_logins" {
  description = "The secrets with the proxy's logins, for `apply_migrations` to fill: their names by role, and the permission statements `write`. null without a proxy."
  value = var.proxy ? {
    secret_ids = { for group, secret in aws_secretsmanager_secret.proxy_login : "vsl_${group}_proxy" => secret.name }
    allow = {
      write = {
        FillProxyLogins = {
          actions   = ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"]
          resources = values(aws_secretsmanager_secret.proxy_login)[*].arn
        }
      }
    }
  } : null
}

output "name" {
  description = "Identifier of the instance, as in its metrics and log groups; the proxy has the same name."
  value       = aws_db_instance.this.identifier
}
