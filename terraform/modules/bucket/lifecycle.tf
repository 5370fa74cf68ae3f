resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  dynamic "rule" {
    for_each = var.keep.days_by_prefix

    content {
      id     = "under-${trimsuffix(rule.key, "/")}"
      status = "Enabled"

      filter {
        prefix = rule.key
      }

      expiration {
        days = rule.value
      }

      noncurrent_version_expiration {
        noncurrent_days = 1
      }
    }
  }

  rule {
    id     = "objects"
    status = "Enabled"

    filter {}

    dynamic "expiration" {
      for_each = var.keep.days[*]

      content {
        days = expiration.value
      }
    }

    # S3 does not monitor or move objects below 128 KB (thumbnails): https://docs.aws.amazon.com/AmazonS3/latest/userguide/intelligent-tiering-overview.html
    dynamic "transition" {
      for_each = var.intelligent_tiering ? ["INTELLIGENT_TIERING"] : []

      content {
        days          = 0
        storage_class = transition.value
      }
    }

    noncurrent_version_expiration {
      noncurrent_days = var.keep.old_versions_days
    }
  }

  rule {
    id     = "remains"
    status = "Enabled"

    filter {}

    expiration {
      expired_object_delete_marker = true
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  # Rules for old versions need versioning.
  depends_on = [aws_s3_bucket_versioning.this]
}
