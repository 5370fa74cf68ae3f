# In alarm as soon as the metric reaches the threshold within five minutes. Missing data is not a breach: idle functions and queues send no metrics.
resource "aws_cloudwatch_metric_alarm" "this" {
  alarm_name        = "${var.platform.prefix}-${var.name}"
  alarm_description = var.description

  namespace           = var.metric.namespace
  metric_name         = var.metric.name
  dimensions          = var.metric.dimensions
  statistic           = var.metric.statistic
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = var.threshold
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"

  alarm_actions = var.platform.alarm_topic_arn[*]
  ok_actions    = var.platform.alarm_topic_arn[*]
}
