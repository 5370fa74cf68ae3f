# What AWS would answer.

mock_data "aws_caller_identity" {
  defaults = { account_id = "123456789012" }
}

mock_resource "aws_iam_openid_connect_provider" {
  defaults = { arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
}

mock_resource "aws_iam_policy" {
  defaults = { arn = "arn:aws:iam::123456789012:policy/bootstrap/mock" }
}

override_resource {
  target = module.state_bucket.aws_s3_bucket.this
  values = { arn = "arn:aws:s3:::vsl-test-state-123456789012" }
}

override_resource {
  target = module.artifact_bucket.aws_s3_bucket.this
  values = { arn = "arn:aws:s3:::vsl-test-artifacts-123456789012" }
}

override_resource {
  target = aws_iam_policy.boundary
  values = { arn = "arn:aws:iam::123456789012:policy/bootstrap/vsl-test-boundary" }
}
