# What a parameter promises, looked at from inside.

mock_provider "aws" {
  mock_resource "aws_ssm_parameter" {
    defaults = { arn = "arn:aws:ssm:us-east-1:123456789012:parameter/mock" }
  }
}

variables {
  platform      = { prefix = "vsl-test" }
  name          = "database-url"
  description   = "Where PostgreSQL is"
  value         = "postgresql://app@db.example.com/vsl"
  value_version = 1
}

run "a_parameter_is_encrypted_and_its_value_is_kept_nowhere" {
  module {
    source = "./modules/parameter"
  }

  assert {
    condition     = aws_ssm_parameter.this.name == "/vsl-test/database-url" && output.name == "/vsl-test/database-url"
    error_message = "The parameter is not named after the environment."
  }

  assert {
    condition     = aws_ssm_parameter.this.type == "SecureString" && aws_ssm_parameter.this.key_id == "alias/aws/ssm"
    error_message = "The parameter is not encrypted."
  }

  assert {
    condition     = aws_ssm_parameter.this.value_wo_version == parseint(substr(sha256(jsonencode([1, "Where PostgreSQL is", "alias/aws/ssm"])), 0, 7), 16)
    error_message = "The number does not stand for all that can change."
  }

  assert {
    condition     = aws_ssm_parameter.this.value_wo == null
    error_message = "The value is in the state."
  }

  assert {
    condition     = output.allow.read == { ReadDatabaseUrl = { actions = ["ssm:GetParameter"], resources = ["arn:aws:ssm:us-east-1:123456789012:parameter/mock"] } }
    error_message = "The permission is for something else."
  }
}

run "a_customer_key_encrypts_the_parameter_and_the_value_is_written_again" {
  module {
    source = "./modules/parameter"
  }

  variables {
    platform = { prefix = "vsl-test", key_arn = "arn:aws:kms:us-east-1:123456789012:key/mock" }
  }

  assert {
    condition     = aws_ssm_parameter.this.key_id == var.platform.key_arn
    error_message = "The key is not used."
  }

  assert {
    condition     = aws_ssm_parameter.this.value_wo_version != parseint(substr(sha256(jsonencode([1, "Where PostgreSQL is", "alias/aws/ssm"])), 0, 7), 16)
    error_message = "The provider would write an empty value with the new key."
  }
}

run "another_version_or_description_writes_the_value_again" {
  command = plan

  module {
    source = "./modules/parameter"
  }

  variables {
    description   = "Where the database is"
    value_version = 2
  }

  assert {
    condition     = aws_ssm_parameter.this.value_wo_version != parseint(substr(sha256(jsonencode([1, "Where PostgreSQL is", "alias/aws/ssm"])), 0, 7), 16)
    error_message = "The new value is not written."
  }
}
