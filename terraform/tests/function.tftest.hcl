# What a function promises, looked at from inside.

mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/vsl-test-get-status" }
  }
}

variables {
  name            = "get-status"
  package         = "functions/get_status-0.zip"
  layers          = []
  memory_mb       = 512
  timeout_seconds = 10
  environment     = { LINK_SECONDS = "900" }
  permissions     = {}

  platform = {
    prefix             = "vsl-test"
    region             = "us-east-1"
    account_id         = "123456789012"
    artifact_bucket    = "vsl-test-artifacts"
    architecture       = "arm64"
    log_level          = "INFO"
    log_retention_days = 30
  }
}

run "a_function_has_one_name_its_own_log_group_and_a_published_alias" {
  module {
    source = "./modules/function"
  }

  assert {
    condition = alltrue([for name in [
      aws_lambda_function.this.function_name, aws_iam_role.this.name, aws_iam_role_policy.this.name,
    ] : name == "vsl-test-get-status"])
    error_message = "Function and role have different names."
  }

  assert {
    condition     = aws_lambda_function.this.handler == "get_status.handler.lambda_handler"
    error_message = "The handler does not follow from the name."
  }

  assert {
    condition     = aws_lambda_function.this.s3_key == "functions/get_status-0.zip" && aws_lambda_function.this.filename == null
    error_message = "The code does not come from the artifact bucket."
  }

  assert {
    condition     = aws_lambda_function.this.logging_config[0].log_group == "/aws/lambda/vsl-test-get-status"
    error_message = "The function does not name its log group, so it may exist before it."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.retention_in_days == 30
    error_message = "Logs are not kept for the given time."
  }

  assert {
    condition     = aws_lambda_function.this.publish && aws_lambda_alias.live.name == "live" && aws_lambda_alias.live.function_version == aws_lambda_function.this.version
    error_message = "The alias does not point to the published version."
  }

  assert {
    condition     = output.live.arn == aws_lambda_alias.live.arn && output.live.invoke_arn == aws_lambda_alias.live.invoke_arn && output.live.qualifier == "live"
    error_message = "The function hands out something else than its alias live."
  }

  assert {
    condition     = output.environment == tomap({ ENVIRONMENT = "vsl-test", LOG_LEVEL = "INFO", LINK_SECONDS = "900" })
    error_message = "The environment is not what was given and the log level."
  }
}

run "a_function_has_the_plainest_settings_unless_told_otherwise" {
  command = plan

  module {
    source = "./modules/function"
  }

  assert {
    condition = alltrue([
      length(aws_lambda_function.this.vpc_config) == 0, length(aws_lambda_function.this.snap_start) == 0,
      aws_lambda_function.this.tracing_config[0].mode == "PassThrough", aws_lambda_function.this.reserved_concurrent_executions == -1,
      aws_lambda_function.this.kms_key_arn == null, aws_cloudwatch_log_group.this.kms_key_id == null,
    ])
    error_message = "Something that costs or binds is on without having been asked for."
  }
}

run "a_role_may_write_its_own_log_and_nothing_else" {
  module {
    source = "./modules/function"
  }

  assert {
    condition = output.statements == {
      WriteOwnLog = {
        effect    = "Allow"
        actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        resources = ["arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/vsl-test-get-status:*"]
        condition = null
      }
    }
    error_message = "A function without permissions may do something."
  }

  assert {
    condition     = toset(keys(jsondecode(aws_iam_role_policy.this.policy).Statement[0])) == toset(["Sid", "Effect", "Action", "Resource"])
    error_message = "A statement has a part that IAM would not understand."
  }
}

run "lambda_may_put_the_function_into_its_network_and_the_functions_code_may_not" {
  module {
    source = "./modules/function"
  }

  variables {
    network = { subnet_ids = ["subnet-b", "subnet-a"], security_group_ids = ["sg-a"] }
  }

  assert {
    condition = [aws_lambda_function.this.vpc_config[0].subnet_ids, aws_lambda_function.this.vpc_config[0].security_group_ids] == [
      toset(["subnet-a", "subnet-b"]), toset(["sg-a"]),
    ]
    error_message = "The function is not in the network it was given."
  }

  assert {
    condition = { for sid, s in output.statements : sid => "${s.effect} ${join(" ", s.actions)} on ${join(" ", s.resources)}" if sid != "WriteOwnLog" } == {
      CreateNetworkInterfaces = "Allow ec2:CreateNetworkInterface on arn:aws:ec2:us-east-1:123456789012:network-interface/* arn:aws:ec2:us-east-1:123456789012:subnet/subnet-a arn:aws:ec2:us-east-1:123456789012:subnet/subnet-b arn:aws:ec2:us-east-1:123456789012:security-group/sg-a"
      ManageNetworkInterfaces = join("", [
        "Allow ec2:DeleteNetworkInterface ec2:AssignPrivateIpAddresses ",
        "ec2:UnassignPrivateIpAddresses ec2:DescribeNetworkInterfaces ec2:DescribeSubnets on *",
      ])
      DenyEc2FromFunctionCode = join("", [
        "Deny ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:AssignPrivateIpAddresses ",
        "ec2:UnassignPrivateIpAddresses ec2:DescribeNetworkInterfaces ec2:DescribeSubnets on *",
      ])
    }
    error_message = "The network permissions are not these."
  }

  assert {
    condition = toset(output.statements["DenyEc2FromFunctionCode"].actions) == toset(flatten([
      for sid in ["CreateNetworkInterfaces", "ManageNetworkInterfaces"] : output.statements[sid].actions
    ]))
    error_message = "Something is left to the function's code."
  }

  assert {
    condition = { for sid, s in output.statements : sid => s.condition if s.condition != null } == {
      DenyEc2FromFunctionCode = { ArnEquals = { "lambda:SourceFunctionArn" = "arn:aws:lambda:us-east-1:123456789012:function:vsl-test-get-status" } }
    }
    error_message = "The denial is not for calls from inside this function alone: Lambda could be denied, or nobody."
  }
}

run "a_function_in_no_subnet_is_refused" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    network = { subnet_ids = [], security_group_ids = ["sg-a"] }
  }

  expect_failures = [var.network]
}

run "logs_are_json_and_lambda_drops_none_of_our_lines" {
  command = plan

  module {
    source = "./modules/function"
  }

  assert {
    condition     = aws_lambda_function.this.logging_config[0].log_format == "JSON" && aws_lambda_function.this.logging_config[0].system_log_level == "INFO"
    error_message = "Lambda's own lines are not JSON of level INFO."
  }

  assert {
    condition     = aws_lambda_function.this.logging_config[0].application_log_level == "DEBUG"
    error_message = "Lines of level DEBUG, which carry metrics, are dropped by Lambda."
  }
}

run "a_higher_log_level_silences_lambda_and_not_the_metrics" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    platform = {
      prefix             = "vsl-test"
      region             = "us-east-1"
      account_id         = "123456789012"
      artifact_bucket    = "vsl-test-artifacts"
      architecture       = "arm64"
      log_level          = "ERROR"
      log_retention_days = 30
    }
  }

  assert {
    condition     = [aws_lambda_function.this.logging_config[0].system_log_level, aws_lambda_function.this.logging_config[0].application_log_level] == ["WARN", "DEBUG"]
    error_message = "The levels are not WARN for Lambda and DEBUG for us."
  }

  assert {
    condition     = output.environment.LOG_LEVEL == "ERROR"
    error_message = "The code does not know its level."
  }
}

run "a_log_level_lambda_cannot_translate_is_refused" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    platform = {
      prefix             = "vsl-test"
      region             = "us-east-1"
      account_id         = "123456789012"
      artifact_bucket    = "vsl-test-artifacts"
      architecture       = "arm64"
      log_level          = "WARN"
      log_retention_days = 30
    }
  }

  expect_failures = [var.platform]
}

run "a_customer_key_snapshots_tracing_and_a_share_of_the_concurrency_can_be_had" {
  module {
    source = "./modules/function"
  }

  variables {
    platform = {
      prefix               = "vsl-test"
      region               = "us-east-1"
      account_id           = "123456789012"
      artifact_bucket      = "vsl-test-artifacts"
      architecture         = "arm64"
      log_level            = "INFO"
      log_retention_days   = 30
      key_arn              = "arn:aws:kms:us-east-1:123456789012:key/0b5a"
      snap_start           = true
      tracing              = true
      reserved_concurrency = { get_status = 50, submit_job = 5 }

      permissions_boundary_arn = "arn:aws:iam::123456789012:policy/bootstrap/vsl-test-boundary"
    }
  }

  assert {
    condition     = aws_iam_role.this.permissions_boundary == "arn:aws:iam::123456789012:policy/bootstrap/vsl-test-boundary"
    error_message = "The role does not carry the permissions boundary."
  }

  assert {
    condition     = alltrue([for arn in [aws_lambda_function.this.kms_key_arn, aws_cloudwatch_log_group.this.kms_key_id] : arn == "arn:aws:kms:us-east-1:123456789012:key/0b5a"])
    error_message = "Variables or logs are not encrypted with the customer's key."
  }

  assert {
    condition     = aws_lambda_function.this.snap_start[0].apply_on == "PublishedVersions" && aws_lambda_alias.live.function_version == aws_lambda_function.this.version
    error_message = "The alias does not point to a version with a snapshot."
  }

  assert {
    condition     = aws_lambda_function.this.tracing_config[0].mode == "Active"
    error_message = "The function is not traced."
  }

  assert {
    condition     = aws_lambda_function.this.reserved_concurrent_executions == 50
    error_message = "The function has not its own share of the concurrency."
  }

  assert {
    condition = { for sid, s in output.statements : sid => "${s.effect} ${join(" ", s.actions)} on ${join(" ", s.resources)}" if sid != "WriteOwnLog" } == {
      UseCustomerKey = "Allow kms:Decrypt kms:GenerateDataKey on arn:aws:kms:us-east-1:123456789012:key/0b5a"
      WriteTraces    = "Allow xray:PutTraceSegments xray:PutTelemetryRecords on *"
    }
    error_message = "The permissions for key and traces are not these."
  }
}

run "a_function_with_a_large_tmp_goes_without_snapshots" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    temporary_storage_mb = 513
    platform = {
      prefix             = "vsl-test"
      region             = "us-east-1"
      account_id         = "123456789012"
      artifact_bucket    = "vsl-test-artifacts"
      architecture       = "arm64"
      log_level          = "INFO"
      log_retention_days = 30
      snap_start         = true
    }
  }

  assert {
    condition     = length(aws_lambda_function.this.snap_start) == 0
    error_message = "Lambda refuses snapshots of functions with more than 512 MB of /tmp."
  }
}

run "an_environment_of_more_than_4_kilobytes_is_refused" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    environment = { MODELS = format("%4090s", "x") }
  }

  expect_failures = [aws_lambda_function.this]
}

run "an_action_with_a_wildcard_is_refused" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    permissions = { ReadEverything = { actions = ["s3:Get*"], resources = ["arn:aws:s3:::vsl-test-media/*"] } }
  }

  expect_failures = [var.permissions]
}
