resource "aws_dynamodb_table" "this" {
  name                        = "${var.prefix}-realtime-jobs"
  billing_mode                = "PAY_PER_REQUEST"
  deletion_protection_enabled = !var.disposable
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
    hash_key        = "userId"
    range_key       = "timestamp"
    projection_type = "ALL"
  }

  global_secondary_index {
    name            = "GSI2"
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
}
