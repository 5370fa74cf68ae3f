# Where state and zips lie.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name                   = "vsl-test-files"
  keep_old_versions_days = 30
}

run "bucket_names_hold_prefix_and_account" {
  assert {
    condition     = output.state_bucket == "vsl-test-state-123456789012" && output.artifact_bucket == "vsl-test-artifacts-123456789012"
    error_message = "The names are not those that the Makefile and README give."
  }
}

run "a_private_bucket_is_encrypted_versioned_private_and_for_tls_only" {
  module {
    source = "../modules/private_bucket"
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "The bucket is not encrypted."
  }

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "The bucket keeps no versions."
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls, aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls, aws_s3_bucket_public_access_block.this.restrict_public_buckets,
      aws_s3_bucket_ownership_controls.this.rule[0].object_ownership == "BucketOwnerEnforced",
    ])
    error_message = "The bucket can be made public."
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.tls_only[0].policy).Statement[0].Condition.Bool["aws:SecureTransport"] == "false"
    error_message = "The bucket takes plaintext."
  }

  assert {
    condition     = aws_s3_bucket.this.force_destroy != true
    error_message = "destroy would delete what is inside."
  }

  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule.id] == ["old-versions", "remains"]
    error_message = "Current objects go although nobody said so."
  }
}

run "objects_go_when_asked_for" {
  module {
    source = "../modules/private_bucket"
  }

  variables {
    keep_days = 180
    tls_only  = false
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this.rule[0].id == "objects" && aws_s3_bucket_lifecycle_configuration.this.rule[0].expiration[0].days == 180
    error_message = "Objects are not removed after the given days."
  }

  assert {
    condition     = length(aws_s3_bucket_policy.tls_only) == 0
    error_message = "The emulator's bucket insists on TLS."
  }
}

run "names_and_days_that_s3_refuses_are_refused" {
  command = plan

  module {
    source = "../modules/private_bucket"
  }

  variables {
    name                   = "VSL_files"
    keep_days              = 0
    keep_old_versions_days = 0
  }

  expect_failures = [var.name, var.keep_days, var.keep_old_versions_days]
}
