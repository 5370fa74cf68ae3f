locals {
  name = "${var.platform.prefix}-realtime-jobs"
}

resource "aws_dynamodb_table" "this" {
  #checkov:skip=CKV_AWS_119:Encrypted with a customer key if the environment has one (platform.key_arn), otherwise with DynamoDB's own
  #checkov:skip=CKV2_AWS_16:Provisioned capacity is scaled in scaling.tf; on demand there is nothing to scale
  name                        = local.name
  billing_mode                = var.capacity == null ? "PAY_PER_REQUEST" : "PROVISIONED"
  read_capacity               = try(local.planned.table.read, null)
  write_capacity              = try(local.planned.table.write, null)
  deletion_protection_enabled = !var.platform.disposable
  hash_key                    = "jobId"
  range_key                   = "timestamp"

  attribute {
    name = "jobId"
    type = "S"
  }

  # ISO 8601, UTC, milliseconds: sorts as text
  attribute {
    name = "timestamp"
    type = "S"
  }

  attribute {
    name = "userId"
    type = "S"
  }

  attribute {
    name = "replicateId"
    type = "S"
  }

  global_secondary_index {
    name            = "GSI1"
    read_capacity   = try(local.planned.GSI1.read, null)
    write_capacity  = try(local.planned.GSI1.write, null)
    hash_key        = "userId"
    range_key       = "timestamp"
    projection_type = "ALL"
  }

  global_secondary_index {
    name            = "GSI2"
    read_capacity   = try(local.planned.GSI2.read, null)
    write_capacity  = try(local.planned.GSI2.write, null)
    hash_key        = "replicateId"
    range_key       = "timestamp"
    projection_type = "ALL"
  }

  ttl {
    attribute_name = "expiresAt"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  # `enabled = false` means encryption with DynamoDB's own key, which is free. Without the block the table would keep a customer key that is being deleted.
  server_side_encryption {
    enabled     = var.platform.key_arn != null
    kms_key_arn = var.platform.key_arn
  }
}
