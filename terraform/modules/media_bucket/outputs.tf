output "name" {
  description = "Name of the bucket."
  value       = aws_s3_bucket.this.bucket
}

output "allow" {
  description = "Permission statements: `read`, `write`; both for finished media only."
  value = {
    read  = { SignLinksToMedia = { actions = ["s3:GetObject"], resources = local.media } }
    write = { StoreMedia = { actions = ["s3:PutObject"], resources = local.media } }
  }
}
