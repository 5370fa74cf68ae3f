locals {
  account_root_arn = "arn:aws:iam::${var.platform.account_id}:root"
}

resource "aws_kms_key" "this" {
  description             = "Data of ${var.platform.prefix}"
  enable_key_rotation     = true
  deletion_window_in_days = 30 # the maximum: a deleted key makes all data and backups it encrypted unreadable; a key that waits costs nothing

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # Delegates to IAM policies, and grants nothing by itself. Without it nobody could change the key again:
        # https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
        Sid       = "DelegateToIam"
        Effect    = "Allow"
        Principal = { AWS = local.account_root_arn }
        Action = [
          "kms:CancelKeyDeletion", "kms:CreateAlias", "kms:Decrypt", "kms:DeleteAlias", "kms:DescribeKey", "kms:DisableKey", "kms:DisableKeyRotation",
          "kms:EnableKey", "kms:EnableKeyRotation", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:GetKeyPolicy",
          "kms:GetKeyRotationStatus", "kms:ListGrants", "kms:ListKeyPolicies", "kms:ListKeyRotations", "kms:ListResourceTags", "kms:PutKeyPolicy",
          "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:RetireGrant", "kms:RevokeGrant", "kms:RotateKeyOnDemand", "kms:ScheduleKeyDeletion", "kms:TagResource",
          "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription",
        ]
        Resource = "*" # in a key policy: this key
      },
      {
        # RDS, ElastiCache, DynamoDB and Lambda use the key in the background. Each gets a grant for its resource from the role that creates the resource;
        # the condition keeps people from giving grants to people.
        Sid       = "AllowGrantsForAwsServices"
        Effect    = "Allow"
        Principal = { AWS = local.account_root_arn }
        Action    = ["kms:CreateGrant"]
        Resource  = "*"
        Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
      },
      {
        # CloudWatch Logs uses no grants. Every log group is /aws/<service>/<prefix>-...:
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
        Sid       = "EncryptOwnLogs"
        Effect    = "Allow"
        Principal = { Service = "logs.${var.platform.region}.amazonaws.com" }
        Action = [
          "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo",
        ]
        Resource = "*"
        Condition = { ArnLike = {
          "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:${var.platform.region}:${var.platform.account_id}:log-group:/aws/*/${var.platform.prefix}-*"
        } }
      },
    ]
  })

  # A key that waits for its deletion no longer decrypts, so the stores are encrypted with the new key first.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.platform.prefix}"
  target_key_id = aws_kms_key.this.key_id
}
