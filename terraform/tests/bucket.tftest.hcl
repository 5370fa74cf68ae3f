# What a bucket promises, looked at from inside.

mock_provider "aws" {
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::vsl-test-media" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }
}

variables {
  platform = {}
  name     = "vsl-test-media"
  keep     = { old_versions_days = 30 }
}

run "it_is_private_encrypted_versioned_and_only_served_over_tls" {
  module {
    source = "./modules/bucket"
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls, aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls, aws_s3_bucket_public_access_block.this.restrict_public_buckets,
      aws_s3_bucket_ownership_controls.this.rule[0].object_ownership == "BucketOwnerEnforced",
    ])
    error_message = "The bucket can be opened to the public."
  }

  assert {
    condition     = [for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule : rule.apply_server_side_encryption_by_default[0].sse_algorithm] == ["AES256"]
    error_message = "Objects are not encrypted with AES-256."
  }

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "Replaced objects are lost."
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.tls_only[0].policy).Statement[0].Condition.Bool["aws:SecureTransport"] == "false"
    error_message = "Plaintext is not refused."
  }

  assert {
    condition     = !aws_s3_bucket.this.force_destroy
    error_message = "`destroy` would delete what is inside."
  }

  assert {
    condition     = length(aws_s3_bucket_replication_configuration.this) == 0 && length(aws_iam_role.replication) == 0
    error_message = "Objects are copied though nobody said so."
  }
}

run "web_pages_read_links_only_if_they_are_named" {
  command = plan

  module {
    source = "./modules/bucket"
  }

  assert {
    condition     = length(aws_s3_bucket_cors_configuration.this) == 0
    error_message = "Pages may read links though nobody said so."
  }
}

run "named_web_pages_may_read_links" {
  command = plan

  module {
    source = "./modules/bucket"
  }

  variables {
    cors_origins = ["https://app.example.com"]
  }

  assert {
    condition     = [for rule in aws_s3_bucket_cors_configuration.this[0].cors_rule : [rule.allowed_origins, rule.allowed_methods]] == [[toset(["https://app.example.com"]), toset(["GET", "HEAD"])]]
    error_message = "Other pages, or other methods, are allowed."
  }
}

run "nothing_current_goes_unless_asked_for" {
  command = plan

  module {
    source = "./modules/bucket"
  }

  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.this.rule : [rule.id, length(rule.expiration) + length(rule.transition)]] == [["objects", 0], ["remains", 1]]
    error_message = "Objects go or move though nobody said so."
  }

  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule.noncurrent_version_expiration[0].noncurrent_days if rule.id == "objects"] == [30]
    error_message = "Old versions do not go after the given days."
  }

  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.this.rule : [rule.abort_incomplete_multipart_upload[0].days_after_initiation, rule.expiration[0].expired_object_delete_marker] if rule.id == "remains"] == [[1, true]]
    error_message = "Broken uploads or markers without versions stay."
  }
}

run "temporary_files_and_old_objects_go_and_the_others_become_cheaper" {
  command = plan

  module {
    source = "./modules/bucket"
  }

  variables {
    keep                = { days = 180, old_versions_days = 30, days_by_prefix = { "temp/" = 1 } }
    intelligent_tiering = true
  }

  assert {
    condition = { for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule.id => join(" ", compact([
      startswith(rule.id, "under-") ? rule.filter[0].prefix : "", try("${rule.expiration[0].days} days", ""), try(one(rule.transition).storage_class, ""),
      try("${rule.noncurrent_version_expiration[0].noncurrent_days} days more", ""),
      ])) if rule.id != "remains" } == {
      under-temp = "temp/ 1 days 1 days more"
      objects    = "180 days INTELLIGENT_TIERING 30 days more"
    }
    error_message = "The rules are not those of the README."
  }
}

run "functions_reach_the_folders_of_finished_media_only_and_erase_in_no_other_but_temporary_ones" {
  module {
    source = "./modules/bucket"
  }

  variables {
    media_folders = ["videos", "images"]
    keep          = { old_versions_days = 30, days_by_prefix = { "temp/" = 1 } }
  }

  assert {
    condition = { for what in ["probe", "read", "describe", "write"] : what => output.allow[what] } == {
      probe = {
        ProbeMediaBucket = { actions = ["s3:ListBucket"], resources = ["arn:aws:s3:::vsl-test-media"], condition = { StringEquals = { "s3:prefix" = ["health/"] } } }
      }
      read     = { SignLinksToMedia = { actions = ["s3:GetObject"], resources = ["arn:aws:s3:::vsl-test-media/videos/*", "arn:aws:s3:::vsl-test-media/images/*"] } }
      describe = { ReadMediaMetadata = { actions = ["s3:GetObject"], resources = ["arn:aws:s3:::vsl-test-media/videos/*/metadata.json", "arn:aws:s3:::vsl-test-media/images/*/metadata.json"] } }
      write    = { StoreMedia = { actions = ["s3:PutObject"], resources = ["arn:aws:s3:::vsl-test-media/videos/*", "arn:aws:s3:::vsl-test-media/images/*"] } }
    }
    error_message = "The permissions are for something else."
  }

  assert {
    condition = { for sid, s in output.allow.erase : sid => "${join(" ", s.actions)} on ${join(" ", s.resources)}" } == {
      ListMediaVersions = "s3:ListBucketVersions on arn:aws:s3:::vsl-test-media"
      EraseMedia        = "s3:DeleteObject s3:DeleteObjectVersion on arn:aws:s3:::vsl-test-media/*"
    }
    error_message = "Erasing needs the versions, and each deleted by its id."
  }

  assert {
    condition     = join(" ", output.allow.erase.ListMediaVersions.condition.StringLike["s3:prefix"]) == "videos/* images/* temp/*"
    error_message = "More can be listed than what is erased."
  }
}

run "a_customer_key_encrypts_through_bucket_keys" {
  module {
    source = "./modules/bucket"
  }

  variables {
    platform = { key_arn = "arn:aws:kms:us-east-1:123456789012:key/here" }
  }

  assert {
    condition = [for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule : [
      rule.apply_server_side_encryption_by_default[0].sse_algorithm, rule.apply_server_side_encryption_by_default[0].kms_master_key_id, tostring(rule.bucket_key_enabled),
    ]] == [["aws:kms", "arn:aws:kms:us-east-1:123456789012:key/here", "true"]]
    error_message = "The key is not used, or asked once per object."
  }
}

run "a_replica_gets_everything_new_from_a_role_that_can_do_nothing_else" {
  module {
    source = "./modules/bucket"
  }

  variables {
    replica = { bucket_arn = "arn:aws:s3:::vsl-test-media-replica" }
  }

  assert {
    condition     = aws_iam_role.replication[0].name == "vsl-test-media-replication" && jsondecode(aws_iam_role.replication[0].assume_role_policy).Statement[0].Principal == { Service = "s3.amazonaws.com" }
    error_message = "The role is not S3's, or is not named after the bucket."
  }

  assert {
    condition = { for s in jsondecode(aws_iam_role_policy.replication[0].policy).Statement : s.Sid => "${join(" ", s.Action)} on ${join(" ", s.Resource)}" } == {
      ReadReplicationConfiguration = "s3:GetReplicationConfiguration s3:ListBucket on arn:aws:s3:::vsl-test-media"
      ReadNewVersions              = "s3:GetObjectVersionAcl s3:GetObjectVersionForReplication on arn:aws:s3:::vsl-test-media/*"
      WriteCopies                  = "s3:ReplicateDelete s3:ReplicateObject on arn:aws:s3:::vsl-test-media-replica/*"
    }
    error_message = "The role may do something else than copy."
  }

  assert {
    condition = [for rule in aws_s3_bucket_replication_configuration.this[0].rule : [
      rule.status, rule.destination[0].bucket, rule.delete_marker_replication[0].status, tostring(length(rule.source_selection_criteria)),
    ]] == [["Enabled", "arn:aws:s3:::vsl-test-media-replica", "Enabled", "0"]]
    error_message = "Not everything new is copied, or deletions are not."
  }
}

run "encrypted_objects_are_copied_from_key_to_key" {
  module {
    source = "./modules/bucket"
  }

  variables {
    platform = { key_arn = "arn:aws:kms:us-east-1:123456789012:key/here" }
    replica  = { bucket_arn = "arn:aws:s3:::vsl-test-media-replica", key_arn = "arn:aws:kms:us-west-2:123456789012:key/there" }
  }

  assert {
    condition = { for s in jsondecode(aws_iam_role_policy.replication[0].policy).Statement :
      s.Sid => "${join(" ", s.Action)} with ${join(" ", s.Resource)} for ${s.Condition.StringLike["kms:EncryptionContext:aws:s3:arn"]}" if can(s.Condition)
      } == {
      DecryptOriginals = "kms:Decrypt with arn:aws:kms:us-east-1:123456789012:key/here for arn:aws:s3:::vsl-test-media"
      EncryptCopies    = "kms:Decrypt kms:Encrypt kms:GenerateDataKey with arn:aws:kms:us-west-2:123456789012:key/there for arn:aws:s3:::vsl-test-media-replica"
    }
    error_message = "The role uses a key for something else."
  }

  assert {
    condition = [for rule in aws_s3_bucket_replication_configuration.this[0].rule : [
      rule.source_selection_criteria[0].sse_kms_encrypted_objects[0].status, rule.destination[0].encryption_configuration[0].replica_kms_key_id,
    ]] == [["Enabled", "arn:aws:kms:us-west-2:123456789012:key/there"]]
    error_message = "S3 would leave encrypted objects out."
  }
}

run "a_replica_without_a_key_is_refused_where_the_originals_have_one" {
  command = plan

  module {
    source = "./modules/bucket"
  }

  variables {
    platform = { key_arn = "arn:aws:kms:us-east-1:123456789012:key/here" }
    replica  = { bucket_arn = "arn:aws:s3:::vsl-test-media-replica" }
  }

  expect_failures = [var.replica]
}

run "only_who_asks_for_it_gets_a_disposable_bucket_and_plain_http" {
  module {
    source = "./modules/bucket"
  }

  variables {
    platform = { disposable = true, tls_only = false }
  }

  assert {
    condition     = aws_s3_bucket.this.force_destroy && length(aws_s3_bucket_policy.tls_only) == 0
    error_message = "The emulator's bucket insists on TLS, or cannot be destroyed."
  }
}

run "names_days_and_prefixes_that_s3_refuses_are_refused" {
  command = plan

  module {
    source = "./modules/bucket"
  }

  variables {
    name = "VSL_media"
    keep = { old_versions_days = 0, days = 1.5, days_by_prefix = { temp = 1 } }
  }

  expect_failures = [var.name, var.keep]
}
