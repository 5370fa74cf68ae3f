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
  description = "Permission statements: `read`, `write`, both for finished media only; `describe`, to read the metadata.json of finished media; `erase`, for finished media and what expires by prefix; `look`, which tells that the bucket is there, and none of what is in it."
  value = {
    look = {
      SeeMediaBucket = {
        actions   = ["s3:ListBucket"]
        resources = [aws_s3_bucket.this.arn]
        condition = { StringEquals = { "s3:prefix" = ["health/"] } } # a folder that is always empty
      }
    }
    read     = { SignLinksToMedia = { actions = ["s3:GetObject"], resources = local.media } }
    describe = { ReadDescriptionsOfMedia = { actions = ["s3:GetObject"], resources = [for media in local.media : "${media}/metadata.json"] } }
    write    = { StoreMedia = { actions = ["s3:PutObject"], resources = local.media } }
    # The bucket keeps what is deleted: each version must be found, and deleted by its id.
    erase = {
      FindVersionsOfMedia = {
        actions   = ["s3:ListBucketVersions"]
        resources = [aws_s3_bucket.this.arn]
        condition = { StringLike = { "s3:prefix" = concat([for folder in var.media_folders : "${folder}/*"], [for prefix in keys(var.keep.days_by_prefix) : "${prefix}*"]) } }
      }
      EraseMedia = {
        actions   = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
        resources = ["${aws_s3_bucket.this.arn}/*"]
      }
    }
  }
}
