output "name" {
  description = "Name of the parameter."
  value       = aws_ssm_parameter.this.name
}

output "allow" {
  description = "Permission statements: `read`."
  value = {
    read = {
      "Read${local.sid_name}" = {
        actions   = ["ssm:GetParameter"]
        resources = [aws_ssm_parameter.this.arn]
      }
    }
  }
}
