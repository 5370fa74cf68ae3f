locals {
  media = [for folder in var.media_folders : "${aws_s3_bucket.this.arn}/${folder}/*"]
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:CloudTrail's data events record access, if the account pays for them; a log bucket would again be a bucket without a log
  #checkov:skip=CKV2_AWS_62:No consumer waits for new objects: the function that writes one records it in the database
  bucket        = var.name
  force_destroy = var.platform.disposable
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    # With a customer key S3 asks KMS once per bucket key instead of once per object.
    bucket_key_enabled = var.platform.key_arn == null ? null : true

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.platform.key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.platform.key_arn
    }
  }
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_policy" "tls_only" {
  count  = var.platform.tls_only ? 1 : 0
  bucket = aws_s3_bucket.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "DenyPlaintext"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  # S3 rejects two concurrent changes of a bucket.
  depends_on = [aws_s3_bucket_public_access_block.this]
}

# Lets scripts of web pages read signed links. HEAD needs a link signed for HEAD, because SigV4 signs the method.
resource "aws_s3_bucket_cors_configuration" "this" {
  count  = length(var.cors_origins) > 0 ? 1 : 0
  bucket = aws_s3_bucket.this.id

  cors_rule {
    allowed_origins = var.cors_origins
    allowed_methods = ["GET", "HEAD"]
    allowed_headers = ["if-none-match", "if-range", "range"]
    expose_headers  = ["accept-ranges", "content-disposition", "content-length", "content-range", "etag"]
    max_age_seconds = 3600
  }

  # S3 rejects two concurrent changes of a bucket.
  depends_on = [aws_s3_bucket_public_access_block.this]
}
