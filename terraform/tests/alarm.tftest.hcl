# What an alarm promises, looked at from inside.

mock_provider "aws" {}

variables {
  platform    = { prefix = "vsl-test" }
  name        = "submissions-dead-letters"
  description = "A job could not be submitted."

  metric = {
    namespace  = "AWS/SQS"
    name       = "ApproximateNumberOfMessagesVisible"
    dimensions = { QueueName = "vsl-test-submissions-dead-letters" }
    statistic  = "Maximum"
  }
}

run "an_alarm_rings_at_the_first_and_not_when_nothing_is_measured" {
  command = plan

  module {
    source = "./modules/alarm"
  }

  assert {
    condition     = output.name == "vsl-test-submissions-dead-letters"
    error_message = "The alarm does not carry the prefix."
  }

  assert {
    condition = [
      aws_cloudwatch_metric_alarm.this.namespace, aws_cloudwatch_metric_alarm.this.metric_name, aws_cloudwatch_metric_alarm.this.statistic,
      aws_cloudwatch_metric_alarm.this.dimensions.QueueName,
    ] == ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", "vsl-test-submissions-dead-letters"]
    error_message = "Something else is watched."
  }

  assert {
    condition = [
      aws_cloudwatch_metric_alarm.this.comparison_operator, aws_cloudwatch_metric_alarm.this.threshold,
      aws_cloudwatch_metric_alarm.this.period, aws_cloudwatch_metric_alarm.this.evaluation_periods,
    ] == ["GreaterThanOrEqualToThreshold", 1, 300, 1]
    error_message = "The first within five minutes does not ring."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this.treat_missing_data == "notBreaching"
    error_message = "A function nobody calls would ring."
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this.alarm_actions) + length(aws_cloudwatch_metric_alarm.this.ok_actions) == 0
    error_message = "Somebody is told without having been named."
  }
}

run "a_topic_is_told_of_the_alarm_and_of_its_end" {
  command = plan

  module {
    source = "./modules/alarm"
  }

  variables {
    platform = { prefix = "vsl-test", alarm_topic_arn = "arn:aws:sns:us-east-1:123456789012:operators" }
  }

  assert {
    condition = alltrue([for actions in [aws_cloudwatch_metric_alarm.this.alarm_actions, aws_cloudwatch_metric_alarm.this.ok_actions] :
      actions == toset(["arn:aws:sns:us-east-1:123456789012:operators"])
    ])
    error_message = "The topic is not told of both."
  }
}

run "a_name_that_is_not_words_joined_by_dashes_is_refused" {
  command = plan

  module {
    source = "./modules/alarm"
  }

  variables {
    name = "Submissions_1"
  }

  expect_failures = [var.name]
}

run "an_alarm_may_wait_for_more_than_one" {
  command = plan

  module {
    source = "./modules/alarm"
  }

  variables {
    threshold = 5
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this.threshold == 5
    error_message = "The threshold is not used."
  }
}

run "a_threshold_of_zero_is_refused" {
  command = plan

  module {
    source = "./modules/alarm"
  }

  variables {
    threshold = 0
  }

  expect_failures = [var.threshold]
}

run "an_average_is_refused" {
  command = plan

  module {
    source = "./modules/alarm"
  }

  variables {
    metric = merge(var.metric, { statistic = "Average" })
  }

  expect_failures = [var.metric]
}
