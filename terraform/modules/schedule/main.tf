resource "aws_cloudwatch_event_rule" "this" {
  name                = "${var.platform.prefix}-${var.name}"
  description         = "Calls ${var.function.function_name} every ${var.every_minutes} minutes"
  schedule_expression = "rate(${var.every_minutes} minutes)"
}

resource "aws_cloudwatch_event_target" "function" {
  rule = aws_cloudwatch_event_rule.this.name
  arn  = var.function.arn

  # EventBridge drops an event that it is not yet allowed to deliver.
  depends_on = [aws_lambda_permission.schedule]
}

resource "aws_lambda_permission" "schedule" {
  statement_id  = "schedule"
  action        = "lambda:InvokeFunction"
  principal     = "events.amazonaws.com"
  function_name = var.function.function_name
  qualifier     = var.function.qualifier
  source_arn    = aws_cloudwatch_event_rule.this.arn
}
