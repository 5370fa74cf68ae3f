data "aws_caller_identity" "this" {}

locals {
  account = data.aws_caller_identity.this.account_id

  policy = {
    # Without it nobody could ever change the key again. It lets no one in by itself: IAM policies say who may.
    LetIamDecide = {
      principal = { AWS = "arn:aws:iam::${local.account}:root" }
      actions = [
        "kms:CancelKeyDeletion", "kms:CreateAlias", "kms:Decrypt", "kms:DeleteAlias", "kms:DescribeKey", "kms:DisableKey", "kms:DisableKeyRotation",
        "kms:EnableKey", "kms:EnableKeyRotation", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus", "kms:ListGrants", "kms:ListKeyPolicies", "kms:ListKeyRotations", "kms:ListResourceTags", "kms:PutKeyPolicy",
        "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:RetireGrant", "kms:RevokeGrant", "kms:RotateKeyOnDemand", "kms:ScheduleKeyDeletion", "kms:TagResource",
        "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription",
      ]
      condition = {}
    }

    # RDS, ElastiCache, DynamoDB and Lambda go on using the key when nobody is signed in: each is given a grant for its own resource by whoever creates that.
    # People give no grants to people.
    LetServicesHoldGrants = {
      principal = { AWS = "arn:aws:iam::${local.account}:root" }
      actions   = ["kms:CreateGrant"]
      condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
    }

    # CloudWatch Logs takes no grants and acts in nobody's name. Every log group here is /aws/<service>/<prefix>-...:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    EncryptOwnLogs = {
      principal = { Service = "logs.${var.region}.amazonaws.com" }
      actions = [
        "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo",
      ]
      condition = { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:${var.region}:${local.account}:log-group:/aws/*/${var.prefix}-*" } }
    }
  }
}

resource "aws_kms_key" "this" {
  description             = "Data of ${var.prefix}"
  enable_key_rotation     = true
  deletion_window_in_days = 30 # the longest: a deleted key takes all it encrypted with it, backups too; while it waits it costs nothing

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for sid, statement in local.policy : merge({
      Sid       = sid
      Effect    = "Allow"
      Principal = statement.principal
      Action    = statement.actions
      Resource  = "*" # in a key policy: this key
    }, length(statement.condition) == 0 ? {} : { Condition = statement.condition })]
  })

  # A key that waits for its deletion decrypts no more: where it is given up, stores are encrypted anew before.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.prefix}"
  target_key_id = aws_kms_key.this.key_id
}
