# What a layer promises, looked at from inside.

mock_provider "aws" {}

run "a_layer_comes_from_the_artifact_bucket_for_the_given_instruction_sets" {
  command = plan

  module {
    source = "./modules/layer"
  }

  variables {
    platform      = { prefix = "vsl-test", artifact_bucket = "vsl-test-artifacts" }
    name          = "shared"
    package       = "layers/shared-0.zip"
    architectures = ["arm64", "x86_64"]
  }

  assert {
    condition     = aws_lambda_layer_version.this.layer_name == "vsl-test-shared"
    error_message = "The layer does not carry the prefix."
  }

  assert {
    condition     = aws_lambda_layer_version.this.s3_bucket == "vsl-test-artifacts" && aws_lambda_layer_version.this.s3_key == "layers/shared-0.zip" && aws_lambda_layer_version.this.filename == null
    error_message = "The layer does not come from the artifact bucket."
  }

  assert {
    condition     = aws_lambda_layer_version.this.compatible_architectures == toset(["arm64", "x86_64"]) && aws_lambda_layer_version.this.compatible_runtimes == toset(["python3.13"])
    error_message = "The layer is offered to functions it does not fit."
  }
}
