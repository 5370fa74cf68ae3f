# What must wake somebody: work that was given up, functions that fail, results about to be lost or lost, what is paid twice or
# not at all, and a model that stays away. Not a callback that a client's own server refused for a day: only what our side could
# not do is among the dead letters.

locals {
  # Counted by the functions without dimensions, because CloudWatch does not add up over them.
  events = {
    media-expired = {
      metric      = "MediaExpired"
      description = "A job failed with media_expired: its result was gone before it was copied, and the client pays nothing. job.failed in ${module.process_webhook.log_group} or ${module.check_replicate_status.log_group} says which, the lines of its jobId before that why it was not copied in time. Clear what is in ${module.webhooks.dead_letters_name} with make redrive before more expires; the client may retry the job."
    }
    outcome-unknown = {
      metric      = "OutcomeUnknown"
      description = "A job failed with outcome_unknown: an hour after its deadline Replicate neither confirmed nor returned its prediction. Replicate may have billed it; the client pays nothing. job.failed in ${module.check_replicate_status.log_group} names the job: look for its replicateId, or its jobId in webhook URLs, in Replicate's list of predictions."
    }
    jobs-in-danger = {
      metric      = "JobsInDanger"
      description = "A result has been ready for half an hour and is not copied; Replicate deletes it half an hour from now. unexpected_error in ${module.process_webhook.log_group} says why; once that is mended the five-minute check brings it again by itself, and make redrive what is in ${module.webhooks.dead_letters_name}."
    }
    provider-account = {
      metric      = "ProviderAccountProblem"
      description = "Replicate refuses the account: no credit, or a token that is wrong. Jobs wait and clients are not told until their deadlines. job.postponed in ${module.submit_job.log_group} or ${module.generate_media.log_group} says which; pay, or make secrets with a new token, and they are sent by themselves."
    }
    ffmpeg-unusable = {
      metric      = "FfmpegUnusable"
      description = "ffmpeg could not decode its own sample, so it is missing, too old or broken: no fault of the files. ffmpeg.unusable in ${module.process_webhook.log_group} has its words. Results are retried; at the fifth receive the file is kept without measures, thumbnail or preview. Build and deploy the ffmpeg layer again (make build, make upload, make apply)."
    }
    duplicate-predictions = {
      metric      = "DuplicatePredictions"
      description = "Replicate ran a job twice, which may be paid twice. webhook.other_prediction in ${module.process_webhook.log_group} names the job and both predictions: compare them with Replicate's bill, and job_events with how it came to that."
    }
  }
}

module "dead_letter_alarms" {
  source      = "./modules/alarm"
  for_each    = { submissions = module.submissions, webhooks = module.webhooks, callbacks = module.callbacks }
  prefix      = var.prefix
  name        = "${each.key}-dead-letters"
  description = "A message of ${each.key} failed five times and waits in ${each.value.dead_letters_name}. unexpected_error in the consumer's log says why; once that is mended, make redrive QUEUE=${each.key} brings it back. Replicate keeps results for an hour."
  namespace   = "AWS/SQS"
  metric      = "ApproximateNumberOfMessagesVisible"
  dimensions  = { QueueName = each.value.dead_letters_name }
  statistic   = "Maximum"
  topic_arn   = var.alarm_topic_arn
}

module "function_alarms" {
  source      = "./modules/alarm"
  for_each    = local.functions
  prefix      = var.prefix
  name        = "${replace(each.key, "_", "-")}-errors"
  description = "${each.value.name} failed with an exception, or ran out of time, memory or containers: see ${each.value.log_group}."
  namespace   = "AWS/Lambda"
  metric      = "Errors"
  dimensions  = { FunctionName = each.value.name }
  statistic   = "Sum"
  topic_arn   = var.alarm_topic_arn
}

module "event_alarms" {
  source      = "./modules/alarm"
  for_each    = local.events
  prefix      = var.prefix
  name        = each.key
  description = each.value.description
  namespace   = "VSL/MediaGeneration"
  metric      = each.value.metric
  dimensions  = {}
  statistic   = "Sum"
  topic_arn   = var.alarm_topic_arn
}

module "model_alarm" {
  source      = "./modules/alarm"
  prefix      = var.prefix
  name        = "model-outage"
  description = "A model has been unavailable for seven minutes or longer; clients get 503 model_unavailable. model.unavailable in ${module.process_webhook.log_group} or ${module.generate_media.log_group} says which, JobsFailed why; model_configurations can take it out of the catalogue."
  namespace   = "VSL/MediaGeneration"
  metric      = "ModelOutage"
  dimensions  = {}
  statistic   = "Sum"
  topic_arn   = var.alarm_topic_arn
}
