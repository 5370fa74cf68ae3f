# In alarm as soon as the metric reaches the threshold within five minutes. A period without data is good: Lambda and SQS are silent when idle.
resource "aws_cloudwatch_metric_alarm" "this" {
  alarm_name        = "${var.prefix}-${var.name}"
  alarm_description = var.description

  namespace           = var.namespace
  metric_name         = var.metric
  dimensions          = var.dimensions
  statistic           = var.statistic
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = var.threshold
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"

  alarm_actions = var.topic_arn[*]
  ok_actions    = var.topic_arn[*]
}
