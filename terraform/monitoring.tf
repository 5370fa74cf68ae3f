# What must wake somebody: work that was given up, functions that fail, and a model that stays away. Not a callback that a
# client's own server refused for a day: only what our side could not do is among the dead letters.

module "dead_letter_alarms" {
  source      = "./modules/alarm"
  for_each    = { submissions = module.submissions, webhooks = module.webhooks, callbacks = module.callbacks }
  prefix      = var.prefix
  name        = "${each.key}-dead-letters"
  description = "A message of ${each.key} failed five times and waits in ${each.value.dead_letters_name}. The consumer's log says why; Replicate keeps results for an hour."
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
