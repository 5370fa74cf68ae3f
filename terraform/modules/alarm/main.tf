# In alarm as soon as the metric reaches 1 within five minutes. Nothing measured is good: Lambda and SQS are silent when idle.
resource "aws_cloudwatch_metric_alarm" "this" {
  alarm_name        = "${var.prefix}-${var.name}"
  alarm_description = var.description

  namespace           = var.namespace
  metric_name         = var.metric
  dimensions          = var.dimensions
  statistic           = var.statistic
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"

  alarm_actions = var.topic_arn[*]
  ok_actions    = var.topic_arn[*]
}
