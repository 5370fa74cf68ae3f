# What the customer key promises, looked at from inside.

mock_provider "aws" {
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/mock" }
  }
}

variables {
  platform = { prefix = "vsl-test", region = "us-east-1", account_id = "123456789012" }
}

run "the_key_is_rotated_named_and_can_be_saved_for_a_month" {
  module {
    source = "./modules/customer_key"
  }

  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_key.this.deletion_window_in_days == 30
    error_message = "The key stays the same for ever, or is gone before anybody noticed."
  }

  assert {
    condition     = aws_kms_alias.this.name == "alias/vsl-test" && output.arn == "arn:aws:kms:us-east-1:123456789012:key/mock"
    error_message = "The key has another name than the environment."
  }
}

run "iam_services_and_the_logs_of_this_environment_may_use_it_and_nobody_else" {
  module {
    source = "./modules/customer_key"
  }

  assert {
    condition = { for s in jsondecode(aws_kms_key.this.policy).Statement : s.Sid => join(" ", [for kind, name in s.Principal : "${kind} ${name}"]) } == {
      DelegateToIam             = "AWS arn:aws:iam::123456789012:root"
      AllowGrantsForAwsServices = "AWS arn:aws:iam::123456789012:root"
      EncryptOwnLogs            = "Service logs.us-east-1.amazonaws.com"
    }
    error_message = "Somebody else may use the key."
  }

  assert {
    condition     = alltrue(flatten([for s in jsondecode(aws_kms_key.this.policy).Statement : [for action in s.Action : can(regex("^kms:[A-Za-z]+$", action))]]))
    error_message = "An action has a wildcard."
  }

  assert {
    condition = [for s in jsondecode(aws_kms_key.this.policy).Statement : s.Condition if s.Sid == "EncryptOwnLogs"] == [
      { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/*/vsl-test-*" } },
    ]
    error_message = "Other log groups may be encrypted with this key."
  }

  assert {
    condition = [for s in jsondecode(aws_kms_key.this.policy).Statement : [s.Sid, try(s.Condition.Bool["kms:GrantIsForAWSResource"], "")] if contains(s.Action, "kms:CreateGrant")] == [
      ["AllowGrantsForAwsServices", "true"],
    ]
    error_message = "People can hand the key on."
  }

  assert {
    condition     = anytrue([for s in jsondecode(aws_kms_key.this.policy).Statement : s.Sid == "DelegateToIam" && contains(s.Action, "kms:PutKeyPolicy")])
    error_message = "Nobody could ever change the key's policy."
  }
}
