output "live" {
  description = "The alias `live`, through which all callers call the function."
  value = {
    function_name = aws_lambda_function.this.function_name
    qualifier     = aws_lambda_alias.live.name
    arn           = aws_lambda_alias.live.arn
    invoke_arn    = aws_lambda_alias.live.invoke_arn
  }
}

output "name" {
  description = "Full name of the function."
  value       = aws_lambda_function.this.function_name
}

output "log_group" {
  description = "Name of the function's log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "timeout_seconds" {
  description = "Timeout of one invocation."
  value       = var.timeout_seconds
}

output "temporary_storage_mb" {
  description = "Size of /tmp."
  value       = aws_lambda_function.this.ephemeral_storage[0].size
}

output "network" {
  description = "Subnets and security groups of the function; null outside a VPC."
  value       = var.network
}

output "environment" {
  description = "All environment variables of the function."
  value       = aws_lambda_function.this.environment[0].variables
}

output "statements" {
  description = "The statements of the function's role, by statement id."
  value = {
    for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Sid => {
      effect    = statement.Effect
      actions   = statement.Action
      resources = statement.Resource
      condition = try(statement.Condition, null)
    }
  }
}
