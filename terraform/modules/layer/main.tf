resource "aws_lambda_layer_version" "this" {
  layer_name               = "${var.platform.prefix}-${var.name}"
  s3_bucket                = var.platform.artifact_bucket
  s3_key                   = var.package
  compatible_runtimes      = ["python3.13"]
  compatible_architectures = var.architectures
}
