output "name" {
  description = "Full name of the alarm."
  value       = aws_cloudwatch_metric_alarm.this.alarm_name
}

output "watches" {
  description = "What it looks at: `<namespace>/<metric>`, with `?<dimension>=<value>` where there is one."
  value = join("?", compact([
    "${aws_cloudwatch_metric_alarm.this.namespace}/${aws_cloudwatch_metric_alarm.this.metric_name}",
    join("&", [for name, value in var.dimensions : "${name}=${value}"]),
  ]))
}
