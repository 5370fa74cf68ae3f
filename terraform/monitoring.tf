# Alarms that wake the on-call engineer: dead-lettered messages, failing or throttled functions, answers that failed on our side, results
# about to be lost or lost, possible double payment, an account that Replicate refuses, and a model that stays unavailable.
# A callback that a client's own server refused for a day has no alarm: only callbacks that our side could not send are dead-lettered.
#
# Each metric belongs to one environment: ours by the dimension Environment, AWS's by the name of the function or queue.

locals {
  # Counted by the functions with the dimension Environment alone, because CloudWatch does not aggregate custom metrics over dimensions.
  events = {
    media-expired = {
      metric      = "MediaExpired"
      description = "A job failed with media_expired: Replicate deleted its result before we copied it. The client pays nothing and may retry. Find the job in the job.failed lines of ${module.process_webhook.log_group} or ${module.check_replicate_status.log_group}; earlier lines with the same jobId say why the copy failed. Run make redrive if ${module.webhooks.dead_letters_name} holds messages, before more results expire."
    }
    outcome-unknown = {
      metric      = "OutcomeUnknown"
      description = "A job failed with outcome_unknown: an hour after its deadline Replicate neither confirmed nor returned its prediction. Replicate may have billed it; the client pays nothing. job.failed in ${module.check_replicate_status.log_group} names the job: look for its replicateId, or its jobId in webhook URLs, in Replicate's list of predictions."
    }
    epoch-not-renewed = {
      metric      = "EpochNotRenewed"
      description = "PostgreSQL was restored to an earlier moment, and renew_epoch() was not called: Redis knows the completion of a job that PostgreSQL has as unfinished. Jobs of that time may be sent and billed again, and files of finished jobs may be erased. At once, as the owner of the database: SELECT renew_epoch(); then invoke check_replicate_status. Steps: docs/operating.md, After a restore of PostgreSQL. The epoch.not_renewed lines in ${module.process_webhook.log_group} name the jobs."
    }
    media-kept = {
      metric      = "MediaKept"
      description = "A job ended without a result, and its folder holds a result from before a restore of PostgreSQL. The files were kept, although the job is shown as failed or canceled. The media.kept lines in ${module.check_replicate_status.log_group} name the job. Its metadata.json in the media bucket lists the files and their cost. Give the files to the client if the client did not cancel the job; delete the folder if nobody needs it."
    }
    jobs-in-danger = {
      metric      = "JobsInDanger"
      description = "A result has been ready for 30 minutes and is not copied. Replicate deletes it in 30 minutes. Read the unexpected_error lines in ${module.process_webhook.log_group} and fix the cause. The five-minute check then copies the result by itself. Run make redrive if ${module.webhooks.dead_letters_name} holds messages."
    }
    jobs-overdue = {
      metric      = "JobsOverdue"
      statistic   = "Maximum"
      threshold   = 1000 # what is accepted in two minutes; one check settles seven times as many
      description = "At least 1,000 jobs are past their estimated time and no webhook completed them. Every five minutes the check reads them at Replicate and copies the results. It needs help if the number grows. degraded lines with part replicate in ${module.check_replicate_status.log_group}: Replicate does not answer. No lines in ${module.receive_webhook.log_group}: webhooks do not arrive; compare api.public_url and the webhook secret. Old messages in the queue webhooks: raise functions.queue_concurrency.webhooks. Replicate deletes a result one hour after it is ready."
    }
    provider-account = {
      metric      = "ProviderAccountProblem"
      description = "Replicate refuses our account: no credit left, or an invalid token. Jobs wait in queued until their deadlines; clients see no error yet. The job.postponed lines in ${module.submit_job.log_group} or ${module.generate_media.log_group} name the reason. Add credit at Replicate, or run make secrets with a new token. The waiting jobs are then sent automatically."
    }
    ffmpeg-unusable = {
      metric      = "FfmpegUnusable"
      description = "ffmpeg cannot decode its built-in sample: it is missing, too old or broken. The files are not at fault. The ffmpeg.unusable lines in ${module.process_webhook.log_group} have ffmpeg's own message. Results are retried; at the fifth delivery the file is kept without dimensions, thumbnail or preview. Build and deploy the ffmpeg layer again: make build, make upload, make apply."
    }
    duplicate-predictions = {
      metric      = "DuplicatePredictions"
      description = "Replicate ran one job twice and may bill both runs. The webhook.duplicate_prediction lines in ${module.process_webhook.log_group} name the job and both predictions. Compare both with Replicate's bill. The table job_events shows how the job came to be sent twice."
    }
    model-outage = {
      metric      = "ModelOutage"
      description = "A model has been unavailable for at least seven minutes. Clients get 503 model_unavailable for it. The model.unavailable lines in ${module.process_webhook.log_group} or ${module.generate_media.log_group} name the model; the metric JobsFailed shows the error types. The model comes back automatically. To remove it from the catalogue, set it to null in model_configurations."
    }
  }

  # One failed answer may be a connection that broke; the client retries it. Five within five minutes are a fault that lasts.
  lasting = 5
}

module "dead_letter_alarms" {
  source = "./modules/alarm"
  for_each = {
    submissions = { queue = module.submissions, consumer = module.submit_job }
    webhooks    = { queue = module.webhooks, consumer = module.process_webhook }
    callbacks   = { queue = module.callbacks, consumer = module.deliver_callback }
  }
  platform    = local.platform
  name        = "${each.key}-dead-letters"
  description = "A message of the queue ${each.key} exhausted its five delivery attempts and is in ${each.value.queue.dead_letters_name}. The unexpected_error lines in ${each.value.consumer.log_group} say why. Fix the cause, then run make redrive QUEUE=${each.key}. Replicate deletes a result one hour after it is ready."
  metric = {
    namespace  = "AWS/SQS"
    name       = "ApproximateNumberOfMessagesVisible"
    dimensions = { QueueName = each.value.queue.dead_letters_name }
    statistic  = "Maximum"
  }
}

# Lambda counts an invocation as an error only if the handler does not return. The edge of our functions returns a 500 answer or a list of
# failed messages instead, so these are counted by server-errors and end in the dead-letter queues.
module "function_alarms" {
  source      = "./modules/alarm"
  for_each    = local.functions
  platform    = local.platform
  name        = "${replace(each.key, "_", "-")}-errors"
  description = "${each.value.name} timed out, ran out of memory, crashed, or raised an exception that left its handler. Read ${each.value.log_group}: our own unexpected_error lines, and Lambda's lines about the same request. Not counted here: 500 answers (alarm server-errors), failed messages (dead-letter alarms), throttled calls (alarm ${replace(each.key, "_", "-")}-throttles)."
  metric = {
    namespace  = "AWS/Lambda"
    name       = "Errors"
    dimensions = { FunctionName = each.value.name }
    statistic  = "Sum"
  }
}

# A throttled call is neither an error nor an invocation: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
module "throttle_alarms" {
  source      = "./modules/alarm"
  for_each    = local.functions
  platform    = local.platform
  name        = "${replace(each.key, "_", "-")}-throttles"
  description = "Lambda refused at least ${local.lasting} calls of ${each.value.name} because no execution was free: its reserved concurrency or the account's quota is used up. Nothing of these calls is in ${each.value.log_group}. Clients get 5xx answers; messages return to their queue, and after five deliveries go to its dead-letter queue. Raise functions.reserved_concurrency, or request more of Lambda's quota Concurrent executions (L-B99A9384)."
  metric = {
    namespace  = "AWS/Lambda"
    name       = "Throttles"
    dimensions = { FunctionName = each.value.name }
    statistic  = "Sum"
  }
  threshold = local.lasting
}

module "event_alarms" {
  source      = "./modules/alarm"
  for_each    = local.events
  platform    = local.platform
  name        = each.key
  description = each.value.description
  metric = {
    namespace  = "VSL/MediaGeneration"
    name       = each.value.metric
    dimensions = { Environment = var.prefix }
    statistic  = try(each.value.statistic, "Sum")
  }
  threshold = try(each.value.threshold, 1)
}

module "server_error_alarm" {
  source      = "./modules/alarm"
  platform    = local.platform
  name        = "server-errors"
  description = "At least ${local.lasting} requests of clients or webhooks of Replicate got a 500 or 503 answer because of a fault on our side, such as an unavailable database. Find the unexpected_error lines, and the request.refused lines of level ERROR, in the log groups of the API's functions, such as ${module.generate_media.log_group}. Time-outs and throttled calls are not counted here: see the alarms of each function. model_unavailable is not counted either."
  metric = {
    namespace  = "VSL/MediaGeneration"
    name       = "ServerErrors"
    dimensions = { Environment = var.prefix }
    statistic  = "Sum"
  }
  threshold = local.lasting
}
