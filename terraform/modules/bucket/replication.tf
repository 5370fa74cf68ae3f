# A copy in another region, made by S3 with a role of its own.

locals {
  replicas = var.replica == null ? 0 : 1

  # With bucket keys the encryption context is the bucket, not the object:
  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
  use_keys_for_replication = var.replica == null || var.platform.key_arn == null ? [] : [
    {
      Sid       = "DecryptOriginals"
      Effect    = "Allow"
      Action    = ["kms:Decrypt"]
      Resource  = [var.platform.key_arn]
      Condition = { StringLike = { "kms:ViaService" = "s3.*.amazonaws.com", "kms:EncryptionContext:aws:s3:arn" = aws_s3_bucket.this.arn } }
    },
    {
      Sid       = "EncryptCopies"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"] # Decrypt: S3 checks the copy's bucket key before using it
      Resource  = [try(var.replica.key_arn, null)]
      Condition = { StringLike = { "kms:ViaService" = "s3.*.amazonaws.com", "kms:EncryptionContext:aws:s3:arn" = try(var.replica.bucket_arn, null) } }
    },
  ]
}

resource "aws_iam_role" "replication" {
  count                = local.replicas
  name                 = "${var.name}-replication"
  description          = "S3 copies ${var.name} to another region"
  permissions_boundary = var.platform.permissions_boundary_arn

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
  count = local.replicas
  name  = "${var.name}-replication"
  role  = aws_iam_role.replication[0].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid      = "ReadReplicationConfiguration"
        Effect   = "Allow"
        Action   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
        Resource = [aws_s3_bucket.this.arn]
      },
      {
        # Without the rights for tags S3 copies objects without their tags. Media have no tags.
        Sid      = "ReadNewVersions"
        Effect   = "Allow"
        Action   = ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication"]
        Resource = ["${aws_s3_bucket.this.arn}/*"]
      },
      {
        Sid      = "WriteCopies"
        Effect   = "Allow"
        Action   = ["s3:ReplicateDelete", "s3:ReplicateObject"]
        Resource = ["${var.replica.bucket_arn}/*"]
      },
    ], local.use_keys_for_replication)
  })
}

resource "aws_s3_bucket_replication_configuration" "this" {
  count  = local.replicas
  bucket = aws_s3_bucket.this.id
  role   = aws_iam_role.replication[0].arn

  rule {
    id       = "everything-new"
    priority = 1
    status   = "Enabled"

    filter {}

    # A deletion is copied too. Each bucket keeps the deleted version as long as `keep` says: lifecycle rules are not copied, so the replica has its own.
    delete_marker_replication {
      status = "Enabled"
    }

    dynamic "source_selection_criteria" {
      for_each = var.platform.key_arn[*]

      content {
        sse_kms_encrypted_objects {
          status = "Enabled"
        }
      }
    }

    destination {
      bucket = var.replica.bucket_arn

      dynamic "encryption_configuration" {
        for_each = var.platform.key_arn[*]

        content {
          replica_kms_key_id = var.replica.key_arn
        }
      }
    }
  }

  # S3 replicates versions, and checks the role's rights when the configuration is written.
  depends_on = [aws_s3_bucket_versioning.this, aws_iam_role_policy.replication]
}
