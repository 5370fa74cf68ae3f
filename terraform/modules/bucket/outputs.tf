output "name" {
  description = "Name of the bucket."
  value       = aws_s3_bucket.this.bucket
}

output "arn" {
  description = "ARN of the bucket, available once versioning is enabled: S3 replicates only to a versioned bucket."
  value       = aws_s3_bucket.this.arn
  depends_on  = [aws_s3_bucket_versioning.this]
}

output "allow" {
  description = "Permission statements. `read`, `write`: finished media only. `describe`: the metadata.json of finished media. `erase`: all versions of finished media and of objects that expire by prefix. `probe`: checks that the bucket is reachable, without listing its content."
  value = {
    probe = {
      ProbeMediaBucket = {
        actions   = ["s3:ListBucket"]
        resources = [aws_s3_bucket.this.arn]
        condition = { StringEquals = { "s3:prefix" = ["health/"] } } # a prefix that is always empty
      }
    }
    read     = { SignLinksToMedia = { actions = ["s3:GetObject"], resources = local.media } }
    describe = { ReadMediaMetadata = { actions = ["s3:GetObject"], resources = [for media in local.media : "${media}/metadata.json"] } }
    write    = { StoreMedia = { actions = ["s3:PutObject"], resources = local.media } }
    # The bucket is versioned: erasing needs every version's id.
    erase = {
      ListMediaVersions = {
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
