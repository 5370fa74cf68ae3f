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

  dynamic "rule" {
    for_each = var.keep.days[*]

    content {
      id     = "objects"
      status = "Enabled"

      filter {}

      expiration {
        days = rule.value
      }
    }
  }

  dynamic "rule" {
    for_each = var.intelligent_tiering ? [0] : []

    content {
      id     = "intelligent-tiering"
      status = "Enabled"

      filter {}

      # Objects under 128 KB (thumbnails) stay where they are: S3 would bill monitoring for nothing.
      transition {
        days          = rule.value
        storage_class = "INTELLIGENT_TIERING"
      }
    }
  }

  rule {
    id     = "old-versions"
    status = "Enabled"

    filter {}

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

  # Rules for old versions mean nothing before there are versions.
  depends_on = [aws_s3_bucket_versioning.this]
}
