# What the two roles may do, as rules that every statement keeps.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  hosted_zone_id = "Z0123456789"
}

run "plan_reads_and_changes_nothing_but_the_lock" {
  assert {
    condition = length(setsubtract(flatten([for key, a in local.attachments : [
      for s in jsondecode(aws_iam_policy.this[a.policy].policy).Statement : [for action in s.Action : "${s.Sid} ${action}" if !can(regex(":(Describe|Get|List|GET$)", action))]
    ] if a.role == "plan"]), ["LockState s3:PutObject", "LockState s3:DeleteObject"])) == 0
    error_message = "The plan role may change something."
  }

  assert {
    condition = toset(flatten([for key, a in local.attachments : [
      for s in jsondecode(aws_iam_policy.this[a.policy].policy).Statement : s.Resource if contains(s.Action, "s3:GetObject")
      ] if a.role == "plan"])) == toset([
      "arn:aws:s3:::vsl-test-state-123456789012/vsl-test/terraform.tfstate",
      "arn:aws:s3:::vsl-test-state-123456789012/vsl-test/terraform.tfstate.tflock",
    ])
    error_message = "The plan role may read other objects than the state and its lock."
  }
}

run "neither_role_reads_secrets_media_or_jobs" {
  assert {
    condition = alltrue(flatten([for policy in aws_iam_policy.this : [for s in jsondecode(policy.policy).Statement : [
      for action in s.Action : !contains(["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"], action)
    ]]]))
    error_message = "A role may read or write data."
  }

  assert {
    condition = alltrue(flatten([for policy in aws_iam_policy.this : [for s in jsondecode(policy.policy).Statement : [
      for resource in s.Resource : !startswith(resource, "arn:aws:s3:::vsl-test-media")
    ] if contains(s.Action, "s3:GetObject") || contains(s.Action, "s3:PutObject") || contains(s.Action, "s3:DeleteObject")]]))
    error_message = "A role may reach media."
  }
}

run "actions_are_written_out_and_a_star_for_all_resources_has_a_condition" {
  assert {
    condition     = alltrue(flatten([for policy in aws_iam_policy.this : [for s in jsondecode(policy.policy).Statement : [for action in s.Action : !strcontains(action, "*")]]]))
    error_message = "An action has a wildcard."
  }

  assert {
    condition     = alltrue(flatten([for policy in aws_iam_policy.this : [for s in jsondecode(policy.policy).Statement : can(s.Condition) || !contains(s.Resource, "*")]]))
    error_message = "A statement allows everything everywhere."
  }
}

run "apply_changes_what_carries_the_prefix_or_its_tag" {
  # Without a name, a tag or a condition: generated ids that AWS gives no handle for, and RDS's own secrets.
  assert {
    condition = toset(flatten([for name in ["write-network", "write-platform", "write-stores"] : [
      for s in jsondecode(aws_iam_policy.this[name].policy).Statement : s.Sid
      if !can(s.Condition) && !alltrue([for resource in s.Resource : strcontains(resource, "vsl-test")])
    ]])) == toset(["ChangeApis", "ChangeDatabase", "ChangeRecords", "ConnectProxy", "LetDatabaseKeepItsPassword", "NamePrivateEndpoints", "RemoveInterfacesLambdaLeft", "TagEventSources", "TagScaling"])
    error_message = "A statement is limited neither by name nor by condition."
  }
}

run "apply_cannot_change_its_own_rights_nor_another_environments_state" {
  assert {
    condition = toset(flatten([for policy in aws_iam_policy.this : [
      for s in jsondecode(policy.policy).Statement : s.Resource if anytrue([for action in s.Action : startswith(action, "iam:") && !startswith(action, "iam:CreateServiceLinkedRole")])
    ]])) == toset(["arn:aws:iam::123456789012:role/vsl-test-*"])
    error_message = "IAM can be changed outside role/vsl-test-*."
  }

  assert {
    condition = toset(flatten([for s in jsondecode(aws_iam_policy.this["apply-state"].policy).Statement : [
      for action in s.Action : "${action} ${join(" ", s.Resource)}"
      ]])) == toset([
      "lambda:InvokeFunction arn:aws:lambda:us-east-1:123456789012:function:vsl-test-apply-migrations:live",
      "s3:DeleteObject arn:aws:s3:::vsl-test-state-123456789012/vsl-test/terraform.tfstate.tflock",
      "s3:GetObject arn:aws:s3:::vsl-test-artifacts-123456789012/functions/* arn:aws:s3:::vsl-test-artifacts-123456789012/layers/*",
      "s3:GetObject arn:aws:s3:::vsl-test-state-123456789012/vsl-test/terraform.tfstate",
      "s3:GetObject arn:aws:s3:::vsl-test-state-123456789012/vsl-test/terraform.tfstate.tflock",
      "s3:ListBucket arn:aws:s3:::vsl-test-artifacts-123456789012",
      "s3:ListBucket arn:aws:s3:::vsl-test-state-123456789012",
      "s3:PutObject arn:aws:s3:::vsl-test-artifacts-123456789012/functions/* arn:aws:s3:::vsl-test-artifacts-123456789012/layers/*",
      "s3:PutObject arn:aws:s3:::vsl-test-state-123456789012/vsl-test/terraform.tfstate",
      "s3:PutObject arn:aws:s3:::vsl-test-state-123456789012/vsl-test/terraform.tfstate.tflock",
    ])
    error_message = "State, artifacts and migrations are not all that apply-state allows."
  }
}

run "policies_fit_into_what_aws_allows" {
  assert {
    condition     = alltrue([for policy in aws_iam_policy.this : length(policy.policy) <= 6144])
    error_message = "A managed policy has more than 6,144 characters: ${jsonencode({ for key, policy in aws_iam_policy.this : key => length(policy.policy) })}"
  }

  assert {
    condition     = alltrue([for role in values(local.roles) : length(role.policies) <= 10])
    error_message = "A role has more than ten managed policies."
  }
}

run "only_dev_can_be_emptied" {
  assert {
    condition     = !strcontains(aws_iam_policy.this["write-stores"].policy, "EmptyDisposableBucket")
    error_message = "The media of an environment that is not disposable can be deleted."
  }
}

run "dev_can_be_emptied" {
  variables {
    prefix = "vsl-dev"
  }

  assert {
    condition     = strcontains(aws_iam_policy.this["write-stores"].policy, "EmptyDisposableBucket")
    error_message = "`make destroy ENV=dev` cannot empty the media bucket."
  }
}

run "without_a_hosted_zone_no_records_are_touched" {
  variables {
    hosted_zone_id = null
  }

  assert {
    condition     = alltrue([for policy in aws_iam_policy.this : !strcontains(policy.policy, "route53:ChangeResourceRecordSets")])
    error_message = "A role writes records though no zone was given."
  }
}
