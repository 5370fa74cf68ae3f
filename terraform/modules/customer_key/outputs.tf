output "arn" {
  description = "ARN of the key."

  # coalesce says already in the plan that there will be an ARN, so that modules may decide by `key_arn == null` before the key exists.
  value = coalesce(aws_kms_key.this.arn)
}
