# What a schedule promises, looked at from inside.

mock_provider "aws" {
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:us-east-1:123456789012:rule/mock" }
  }
}

variables {
  platform      = { prefix = "vsl-test" }
  name          = "get-status"
  every_minutes = 5

  function = {
    function_name = "vsl-test-get-status"
    qualifier     = "live"
    arn           = "arn:aws:lambda:us-east-1:123456789012:function:vsl-test-get-status:live"
    invoke_arn    = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:vsl-test-get-status:live/invocations"
  }
}

run "a_schedule_may_call_the_alias_and_calls_it" {
  module {
    source = "./modules/schedule"
  }

  assert {
    condition     = aws_cloudwatch_event_rule.this.schedule_expression == "rate(5 minutes)"
    error_message = "The schedule has another rhythm."
  }

  assert {
    condition     = aws_cloudwatch_event_target.function.arn == var.function.arn
    error_message = "The schedule does not call the alias."
  }

  assert {
    condition     = aws_lambda_permission.schedule.qualifier == "live" && aws_lambda_permission.schedule.source_arn == aws_cloudwatch_event_rule.this.arn
    error_message = "The permission is not for the alias and this rule alone."
  }
}

run "a_schedule_refuses_a_function_without_the_alias" {
  command = plan

  module {
    source = "./modules/schedule"
  }

  variables {
    function = {
      function_name = "vsl-test-get-status"
      qualifier     = "$LATEST"
      arn           = "arn:aws:lambda:us-east-1:123456789012:function:vsl-test-get-status"
    }
  }

  expect_failures = [var.function]
}

run "a_schedule_of_every_minute_is_refused" {
  command = plan

  module {
    source = "./modules/schedule"
  }

  variables {
    every_minutes = 1
  }

  expect_failures = [var.every_minutes]
}
