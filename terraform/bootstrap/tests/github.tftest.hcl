# Who may take the two roles.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "only_the_github_environment_may_apply_and_only_with_the_ids_in_the_subject" {
  assert {
    condition = jsondecode(aws_iam_role.this["apply"].assume_role_policy) == {
      Version = "2012-10-17"
      Statement = [{
        Sid       = "WorkflowsOfThisRepository"
        Effect    = "Allow"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
        Condition = {
          StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
          StringLike   = { "token.actions.githubusercontent.com:sub" = ["repo:octo-org@123/octo.repo@456:environment:test"] }
        }
      }]
    }
    error_message = "The apply role trusts somebody else."
  }

  assert {
    condition     = jsondecode(aws_iam_role.this["plan"].assume_role_policy).Statement[0].Condition.StringLike["token.actions.githubusercontent.com:sub"] == ["repo:octo-org@123/octo.repo@456:pull_request"]
    error_message = "The plan role is not for pull requests alone."
  }

  assert {
    condition     = alltrue([for role in aws_iam_role.this : length(jsondecode(role.assume_role_policy).Statement) == 1])
    error_message = "A second statement lets somebody else in."
  }
}

run "any_ref_may_plan_when_asked_for_and_the_environment_may_have_another_name" {
  variables {
    plan_subjects      = ["pull_request", "ref:refs/*"]
    github_environment = "production"
  }

  assert {
    condition = jsondecode(aws_iam_role.this["plan"].assume_role_policy).Statement[0].Condition.StringLike["token.actions.githubusercontent.com:sub"] == [
      "repo:octo-org@123/octo.repo@456:pull_request", "repo:octo-org@123/octo.repo@456:ref:refs/*",
    ]
    error_message = "The plan role does not follow plan_subjects."
  }

  assert {
    condition     = jsondecode(aws_iam_role.this["apply"].assume_role_policy).Statement[0].Condition.StringLike["token.actions.githubusercontent.com:sub"] == ["repo:octo-org@123/octo.repo@456:environment:production"]
    error_message = "The apply role does not follow github_environment, or follows plan_subjects."
  }
}

run "a_repository_from_before_the_ids_is_trusted_by_its_names_and_by_nothing_else" {
  variables {
    github_repository = { owner = "octo-org", owner_id = 123, name = "octo.repo", id = 456, immutable_subject = false }
  }

  assert {
    condition = { for key, role in aws_iam_role.this : key => jsondecode(role.assume_role_policy).Statement[0].Condition.StringLike["token.actions.githubusercontent.com:sub"] } == {
      plan  = ["repo:octo-org/octo.repo:pull_request"]
      apply = ["repo:octo-org/octo.repo:environment:test"]
    }
    error_message = "The form that GitHub sends for this repository is not the only one that is trusted."
  }
}

run "an_existing_provider_is_used_and_not_made_again" {
  variables {
    create_oidc_provider = false
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0
    error_message = "A second provider for the same issuer is refused by AWS."
  }

  assert {
    condition     = alltrue([for role in aws_iam_role.this : jsondecode(role.assume_role_policy).Statement[0].Principal.Federated == "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"])
    error_message = "The roles do not trust the account's provider."
  }
}

run "every_name_carries_the_prefix_and_the_roles_lie_where_apply_cannot_reach" {
  assert {
    condition     = { for key, role in aws_iam_role.this : key => "${role.path}${role.name}" } == { plan = "/bootstrap/vsl-test-plan", apply = "/bootstrap/vsl-test-apply" }
    error_message = "The roles are not /bootstrap/vsl-test-..."
  }

  assert {
    condition     = alltrue([for policy in aws_iam_policy.this : startswith(policy.name, "vsl-test-") && policy.path == "/bootstrap/"])
    error_message = "A policy is not /bootstrap/vsl-test-..."
  }
}

run "without_a_repository_there_are_the_buckets_alone" {
  command = plan

  variables {
    github_repository = null
  }

  assert {
    condition     = length(aws_iam_role.this) + length(aws_iam_policy.this) + length(aws_iam_role_policy_attachment.this) == 0
    error_message = "There is a role that nobody can take."
  }

  assert {
    condition     = "${aws_iam_policy.boundary.path}${aws_iam_policy.boundary.name}" == "/bootstrap/vsl-test-boundary"
    error_message = "The permissions boundary is not where Terraform's root looks for it."
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0 && output.oidc_provider_arn == null && output.role_arns == {}
    error_message = "GitHub is trusted although it is not used."
  }
}
