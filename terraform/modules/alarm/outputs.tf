output "name" {
  description = "Full name of the alarm."
  value       = aws_cloudwatch_metric_alarm.this.alarm_name
}

output "watches" {
  description = "The watched metric: `<namespace>/<metric>`, followed by `?<dimension>=<value>` if there is a dimension."
  value = join("?", compact([
    "${aws_cloudwatch_metric_alarm.this.namespace}/${aws_cloudwatch_metric_alarm.this.metric_name}",
    join("&", [for name, value in var.metric.dimensions : "${name}=${value}"]),
  ]))
}
