output "id" {
  description = "Name by which the secret is read and filled in."
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
