output "target_arn" {
  description = "ARN that the schedule calls."
  value       = aws_cloudwatch_event_target.function.arn
}
