output "name" {
  description = "Name of the bucket."
  value       = aws_s3_bucket.this.bucket
}

output "arn" {
  description = "ARN of the bucket, once it keeps versions: S3 copies only to a bucket that does."
  value       = aws_s3_bucket.this.arn
  depends_on  = [aws_s3_bucket_versioning.this]
}

output "allow" {
  description = "Permission statements: `read`, `write`; both for finished media only."
  value = {
    read  = { SignLinksToMedia = { actions = ["s3:GetObject"], resources = local.media } }
    write = { StoreMedia = { actions = ["s3:PutObject"], resources = local.media } }
  }
}
