locals {
  # rds-db:connect names a proxy by its resource id, which only its ARN has: arn:aws:rds:<region>:<account>:db-proxy:prx-<id>
  # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-iam-setup.html
  proxy_id = one([for proxy in aws_db_proxy.this : split(":", proxy.arn)[6]])

  # For each group of functions: its role, and the proxy or instance that its tokens are for.
  logins = { for group in local.groups : group => {
    role = var.proxy ? "vsl_${group}_proxy" : "vsl_${group}"
    at   = var.proxy ? local.proxy_id : aws_db_instance.this.resource_id
  } }

  # RDS creates the secret after the instance, so an interrupted creation leaves an instance without one. `destroy` must work even then, and IAM rejects a
  # policy whose resource is not an ARN. This is an ARN of no secret.
  no_secret    = "arn:aws:secretsmanager:${var.platform.region}:${var.platform.account_id}:secret:rds!missing"
  owner_secret = try(aws_db_instance.this.master_user_secret[0].secret_arn, local.no_secret)

  address = "${aws_db_instance.this.address}:${local.port}/${local.database}"
  root    = "sslrootcert=/opt/rds/${var.platform.region}.pem"
  # The proxy's certificate is signed by Amazon's public authority, which Python trusts by default.
  server = var.proxy ? "${one(aws_db_proxy.this[*].endpoint)}:${local.port}/${local.database}?iam=true" : "${local.address}?iam=true&${local.root}"
}

output "urls" {
  description = "URL at which each group of functions (media, access, jobs) logs in with a token: the proxy, or without one the instance."
  value       = { for group, login in local.logins : group => "postgresql://${login.role}@${local.server}" }
}

output "owner_url" {
  description = "URL at which migrations log in as the owner, always the instance. The URL names the secret that holds the password."
  value       = "postgresql://${local.owner}@${local.address}?secret=${local.owner_secret}&${local.root}"
}

output "allow" {
  description = "Permission statements: `connect` for the functions of each group, `read_owner_login` for migrations."
  value = {
    connect = { for group, login in local.logins : group => {
      LogInToDatabase = {
        actions   = ["rds-db:connect"]
        resources = ["arn:aws:rds-db:${var.platform.region}:${var.platform.account_id}:dbuser:${login.at}/${login.role}"]
      }
    } }
    read_owner_login = {
      ReadOwnerLogin = { actions = ["secretsmanager:GetSecretValue"], resources = [local.owner_secret] }
    }
  }
}

output "proxy_logins" {
  description = "Secrets for the proxy's logins, which `apply_migrations` writes: their names by role, and the permission statements `write`. null without a proxy."
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
