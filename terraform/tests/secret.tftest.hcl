# What a secret promises, looked at from inside.

mock_provider "aws" {
  mock_resource "aws_secretsmanager_secret" {
    defaults = { arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:mock" }
  }
}

variables {
  platform    = { prefix = "vsl-test" }
  name        = "replicate-api-token"
  description = "Replicate API token"
}

run "a_secret_can_be_had_back_for_a_week_and_is_read_under_its_own_name" {
  module {
    source = "./modules/secret"
  }

  assert {
    condition     = aws_secretsmanager_secret.this.name == "vsl-test/replicate-api-token" && output.id == "vsl-test/replicate-api-token"
    error_message = "The secret is not named after the environment."
  }

  assert {
    condition     = aws_secretsmanager_secret.this.recovery_window_in_days == 7
    error_message = "A deleted secret is lost at once."
  }

  assert {
    condition     = output.allow.read == { ReadReplicateApiToken = { actions = ["secretsmanager:GetSecretValue"], resources = ["arn:aws:secretsmanager:us-east-1:123456789012:secret:mock"] } }
    error_message = "The permission is for something else."
  }
}

run "a_disposable_secret_goes_at_once" {
  command = plan

  module {
    source = "./modules/secret"
  }

  variables {
    platform = { prefix = "vsl-test", disposable = true }
  }

  assert {
    condition     = aws_secretsmanager_secret.this.recovery_window_in_days == 0
    error_message = "The next apply would find the name taken."
  }
}

run "a_customer_key_encrypts_the_secret" {
  command = plan

  module {
    source = "./modules/secret"
  }

  variables {
    platform = { prefix = "vsl-test", key_arn = "arn:aws:kms:us-east-1:123456789012:key/mock" }
  }

  assert {
    condition     = aws_secretsmanager_secret.this.kms_key_id == var.platform.key_arn
    error_message = "The key is not used."
  }
}

run "a_name_that_looks_like_the_end_of_an_arn_is_refused" {
  command = plan

  module {
    source = "./modules/secret"
  }

  variables {
    name = "replicate-webhook-secret"
  }

  expect_failures = [var.name]
}
