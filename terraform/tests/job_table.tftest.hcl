# What the job table promises, looked at from inside.

mock_provider "aws" {}

variables {
  platform = { prefix = "vsl-test" }
}

run "live_jobs_are_found_by_id_by_user_and_by_replicate_id_and_expire" {
  module {
    source = "./modules/job_table"
  }

  assert {
    condition     = aws_dynamodb_table.this.hash_key == "jobId" && aws_dynamodb_table.this.range_key == "timestamp"
    error_message = "The key is not job id and creation time."
  }

  assert {
    condition = { for index in aws_dynamodb_table.this.global_secondary_index : index.name => "${index.hash_key} ${index.range_key}" } == {
      GSI1 = "userId timestamp"
      GSI2 = "replicateId timestamp"
    }
    error_message = "The indexes are not those of the design."
  }

  assert {
    condition     = aws_dynamodb_table.this.ttl[0].enabled && aws_dynamodb_table.this.ttl[0].attribute_name == "expiresAt"
    error_message = "Items do not expire."
  }

  assert {
    condition     = aws_dynamodb_table.this.point_in_time_recovery[0].enabled && aws_dynamodb_table.this.deletion_protection_enabled
    error_message = "The table is not protected."
  }

  assert {
    condition     = !aws_dynamodb_table.this.server_side_encryption[0].enabled
    error_message = "The table is encrypted with a key that costs money though nobody asked for it."
  }
}

run "on_demand_nothing_is_scaled_and_nobody_is_asked" {
  command = plan

  module {
    source = "./modules/job_table"
  }

  assert {
    condition     = aws_dynamodb_table.this.billing_mode == "PAY_PER_REQUEST" && length(aws_appautoscaling_target.this) == 0 && length(aws_appautoscaling_policy.this) == 0
    error_message = "The table is not on demand."
  }

  assert {
    condition     = length(data.aws_dynamodb_tables.existing) == 0
    error_message = "Each plan lists all tables for nothing."
  }
}

run "provisioned_the_table_and_both_indexes_follow_the_load" {
  command = plan

  module {
    source = "./modules/job_table"
  }

  variables {
    capacity = { read = { min = 5, max = 100 }, write = { min = 10, max = 50 } }
  }

  assert {
    condition = merge(
      { (aws_dynamodb_table.this.billing_mode) = "${aws_dynamodb_table.this.read_capacity} ${aws_dynamodb_table.this.write_capacity}" },
      { for index in aws_dynamodb_table.this.global_secondary_index : index.name => "${index.read_capacity} ${index.write_capacity}" },
    ) == { PROVISIONED = "5 10", GSI1 = "5 10", GSI2 = "5 10" }
    error_message = "A new table does not begin with the least capacity."
  }

  assert {
    condition = { for key, target in aws_appautoscaling_target.this : key => "${target.resource_id} ${target.scalable_dimension} ${target.min_capacity}-${target.max_capacity}" } == {
      GSI1-read   = "table/vsl-test-realtime-jobs/index/GSI1 dynamodb:index:ReadCapacityUnits 5-100"
      GSI1-write  = "table/vsl-test-realtime-jobs/index/GSI1 dynamodb:index:WriteCapacityUnits 10-50"
      GSI2-read   = "table/vsl-test-realtime-jobs/index/GSI2 dynamodb:index:ReadCapacityUnits 5-100"
      GSI2-write  = "table/vsl-test-realtime-jobs/index/GSI2 dynamodb:index:WriteCapacityUnits 10-50"
      table-read  = "table/vsl-test-realtime-jobs dynamodb:table:ReadCapacityUnits 5-100"
      table-write = "table/vsl-test-realtime-jobs dynamodb:table:WriteCapacityUnits 10-50"
    }
    error_message = "Something is not scaled, or within other limits."
  }

  assert {
    condition = alltrue([for key, policy in aws_appautoscaling_policy.this :
      policy.target_tracking_scaling_policy_configuration[0].target_value == 70 && policy.resource_id == aws_appautoscaling_target.this[key].resource_id
      && policy.target_tracking_scaling_policy_configuration[0].predefined_metric_specification[0].predefined_metric_type == (endswith(key, "read") ? "DynamoDBReadCapacityUtilization" : "DynamoDBWriteCapacityUtilization")
    ])
    error_message = "A policy follows another measure than 70 % of its own capacity."
  }
}

run "what_auto_scaling_has_reached_is_planned_again" {
  command = plan

  module {
    source = "./modules/job_table"
  }

  variables {
    capacity = { read = { min = 5, max = 100 }, write = { min = 10, max = 50 } }
  }

  override_data {
    target = data.aws_dynamodb_tables.existing
    values = { names = ["other", "vsl-test-realtime-jobs"] }
  }

  override_data {
    target = data.aws_dynamodb_table.now
    values = {
      read_capacity  = 40
      write_capacity = 60 # set by hand
      global_secondary_index = [
        { name = "GSI1", hash_key = "userId", range_key = "timestamp", projection_type = "ALL", read_capacity = 80, write_capacity = 20, non_key_attributes = [], on_demand_throughput = [] },
        { name = "GSI2", hash_key = "replicateId", range_key = "timestamp", projection_type = "ALL", read_capacity = 0, write_capacity = 0, non_key_attributes = [], on_demand_throughput = [] },
      ]
    }
  }

  assert {
    condition = merge(
      { table = "${aws_dynamodb_table.this.read_capacity} ${aws_dynamodb_table.this.write_capacity}" },
      { for index in aws_dynamodb_table.this.global_secondary_index : index.name => "${index.read_capacity} ${index.write_capacity}" },
    ) == { table = "40 50", GSI1 = "80 20", GSI2 = "5 10" }
    error_message = "Terraform would take back what auto-scaling did, or leave what is out of its limits."
  }
}

run "a_customer_key_encrypts_the_table" {
  command = plan

  module {
    source = "./modules/job_table"
  }

  variables {
    platform = { prefix = "vsl-test", key_arn = "arn:aws:kms:us-east-1:123456789012:key/mock" }
  }

  assert {
    condition     = aws_dynamodb_table.this.server_side_encryption[0].enabled && aws_dynamodb_table.this.server_side_encryption[0].kms_key_arn == var.platform.key_arn
    error_message = "The key is not used."
  }
}

run "capacity_that_cannot_be_is_refused" {
  command = plan

  module {
    source = "./modules/job_table"
  }

  variables {
    capacity = { read = { min = 5, max = 4 }, write = { min = 0, max = 1.5 } }
  }

  expect_failures = [var.capacity]
}
