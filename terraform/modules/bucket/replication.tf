# A copy in another region, made by S3 with a role of its own.

locals {
  copying = [for replica in var.replica[*] : {
    ReadWhatToCopy = {
      actions   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
      resources = [aws_s3_bucket.this.arn]
    }
    # Without the rights for tags S3 copies objects without their tags: ours have none.
    ReadNewVersions = {
      actions   = ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication"]
      resources = ["${aws_s3_bucket.this.arn}/*"]
    }
    WriteCopies = {
      actions   = ["s3:ReplicateDelete", "s3:ReplicateObject"]
      resources = ["${replica.bucket_arn}/*"]
    }
  }]

  # With bucket keys the encryption context is the bucket, not the object:
  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
  encrypting = [for replica in var.replica[*] : {
    DecryptOriginals = {
      actions   = ["kms:Decrypt"]
      resources = [var.key_arn]
      condition = { StringLike = { "kms:ViaService" = "s3.*.amazonaws.com", "kms:EncryptionContext:aws:s3:arn" = aws_s3_bucket.this.arn } }
    }
    # Decrypt: S3 checks the copy's bucket key before it uses it.
    EncryptCopies = {
      actions   = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]
      resources = [replica.key_arn]
      condition = { StringLike = { "kms:ViaService" = "s3.*.amazonaws.com", "kms:EncryptionContext:aws:s3:arn" = replica.bucket_arn } }
    }
  } if var.key_arn != null]

  replication_statements = merge(concat(local.copying, local.encrypting)...)
}

resource "aws_iam_role" "replication" {
  count                = length(local.copying)
  name                 = "${var.name}-replication"
  description          = "S3 copies ${var.name} to another region"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "S3CopiesThisBucket"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "s3.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "replication" {
  count = length(local.copying)
  name  = "${var.name}-replication"
  role  = aws_iam_role.replication[0].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for sid, statement in local.replication_statements : merge({
      Sid      = sid
      Effect   = "Allow"
      Action   = statement.actions
      Resource = statement.resources
    }, try({ Condition = statement.condition }, {}))]
  })
}

resource "aws_s3_bucket_replication_configuration" "this" {
  count  = length(local.copying)
  bucket = aws_s3_bucket.this.id
  role   = aws_iam_role.replication[0].arn

  rule {
    id       = "everything-new"
    priority = 1
    status   = "Enabled"

    filter {}

    # What is deleted here is deleted there: both keep the version for as long as `keep` says, then it is gone from both.
    # Lifecycle rules are not copied; the other bucket has its own.
    delete_marker_replication {
      status = "Enabled"
    }

    dynamic "source_selection_criteria" {
      for_each = local.encrypting

      content {
        sse_kms_encrypted_objects {
          status = "Enabled"
        }
      }
    }

    destination {
      bucket = var.replica.bucket_arn

      dynamic "encryption_configuration" {
        for_each = local.encrypting

        content {
          replica_kms_key_id = var.replica.key_arn
        }
      }
    }
  }

  # S3 copies versions, with rights it must already have.
  depends_on = [aws_s3_bucket_versioning.this, aws_iam_role_policy.replication]
}
