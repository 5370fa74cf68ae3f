output "name" {
  description = "Full name of the alarm."
  value       = aws_cloudwatch_metric_alarm.this.alarm_name
}
