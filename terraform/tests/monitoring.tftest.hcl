# Which metrics the alarms watch: each one belongs to this environment alone, also if another environment shares the account.

mock_provider "aws" {
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "replica"
  source = "./tests/mocks"
}

variables {
  packages = { for path in fileset("../lambdas", "*/handler.py") : dirname(path) => "functions/${dirname(path)}-0.zip" }
}

run "each_function_queue_and_event_has_its_alarm" {
  command = plan

  assert {
    condition = [for alarms in [module.function_alarms, module.throttle_alarms] : { for folder, alarm in alarms : folder => alarm.watches }] == [
      for metric in ["Errors", "Throttles"] : { for folder, name in output.function_names : folder => "AWS/Lambda/${metric}?FunctionName=${name}" }
    ]
    error_message = "A function has no alarm for its errors or throttles, or one that watches another function."
  }

  assert {
    condition = { for queue, alarm in module.dead_letter_alarms : queue => alarm.watches } == {
      for queue in ["submissions", "webhooks", "callbacks"] : queue => "AWS/SQS/ApproximateNumberOfMessagesVisible?QueueName=vsl-test-${queue}-dead-letters"
    }
    error_message = "A dead-letter queue has no alarm, or one that watches another queue."
  }

  assert {
    condition = { for name, alarm in merge(module.event_alarms, { server-errors = module.server_error_alarm }) : name => alarm.watches } == { for name, metric in {
      media-expired         = "MediaExpired"
      outcome-unknown       = "OutcomeUnknown"
      epoch-not-renewed     = "EpochNotRenewed"
      media-kept            = "MediaKept"
      jobs-in-danger        = "JobsInDanger"
      jobs-overdue          = "JobsOverdue"
      provider-account      = "ProviderAccountProblem"
      ffmpeg-unusable       = "FfmpegUnusable"
      duplicate-predictions = "DuplicatePredictions"
      model-outage          = "ModelOutage"
      server-errors         = "ServerErrors"
    } : name => "VSL/MediaGeneration/${metric}?Environment=vsl-test" }
    error_message = "An event that must wake the on-call engineer has no alarm, or one that watches another metric."
  }
}

run "another_environment_of_the_account_shares_no_metric_and_no_alarm_name" {
  command = plan

  variables {
    prefix = "vsl-test2" # begins as the other one does
  }

  assert {
    condition = alltrue([for alarm in flatten([[module.server_error_alarm], [for alarms in [module.function_alarms, module.throttle_alarms, module.dead_letter_alarms, module.event_alarms] : values(alarms)]]) :
      can(regex("=vsl-test2(-|$)", alarm.watches)) && startswith(alarm.name, "vsl-test2-")
    ])
    error_message = "An alarm watches a metric that another environment may write, or has a name that another environment uses."
  }

  assert {
    condition     = alltrue([for function in local.functions : function.environment.ENVIRONMENT == "vsl-test2"])
    error_message = "A function would write its metrics for another environment."
  }
}
