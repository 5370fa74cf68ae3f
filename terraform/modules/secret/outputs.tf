output "id" {
  description = "Name of the secret."
  value       = aws_secretsmanager_secret.this.name
}

output "allow" {
  description = "Permission statements: `read`."
  value = {
    read = {
      "Read${local.sid_name}" = {
        actions   = ["secretsmanager:GetSecretValue"]
        resources = [aws_secretsmanager_secret.this.arn]
      }
    }
  }
}
