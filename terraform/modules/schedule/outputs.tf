output "target_arn" {
  description = "What the schedule calls."
  value       = aws_cloudwatch_event_target.function.arn
}
