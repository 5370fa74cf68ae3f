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
    ] if a.role == "plan"]), ["LockState s3:PutObject", "LockState s3:DeleteObject", "ReadWhatOwnKeyEncrypts kms:Decrypt"])) == 0
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
    condition = toset(flatten([for key, a in local.attachments : [
      for s in jsondecode(aws_iam_policy.this[a.policy].policy).Statement : s.Resource if contains(s.Action, "ssm:GetParameter")
    ] if a.role == "plan"])) == toset([])
    error_message = "The plan role reads a parameter, which may hold a password."
  }

  assert {
    condition = alltrue(flatten([for policy in aws_iam_policy.this : [for s in jsondecode(policy.policy).Statement : [
      for resource in s.Resource : !startswith(resource, "arn:aws:s3:::vsl-test-media")
    ] if contains(s.Action, "s3:GetObject") || contains(s.Action, "s3:PutObject") || contains(s.Action, "s3:DeleteObject")]]))
    error_message = "A role may reach media."
  }
}

run "plan_reads_the_parameters_that_are_said_to_hold_no_password" {
  variables {
    plan_parameters = ["redis-url"]
  }

  assert {
    condition = toset(flatten([for key, a in local.attachments : [
      for s in jsondecode(aws_iam_policy.this[a.policy].policy).Statement : s.Resource if contains(s.Action, "ssm:GetParameter")
    ] if a.role == "plan"])) == toset(["arn:aws:ssm:us-east-1:123456789012:parameter/vsl-test/redis-url"])
    error_message = "The plan role reads more or less than the URL of the cache."
  }
}

run "actions_are_written_out_and_a_star_for_all_resources_has_a_condition" {
  assert {
    condition     = alltrue(flatten([for policy in aws_iam_policy.this : [for s in jsondecode(policy.policy).Statement : [for action in s.Action : !strcontains(action, "*")]]]))
    error_message = "An action has a wildcard."
  }

  assert {
    condition     = alltrue(flatten([for policy in aws_iam_policy.this : [for s in jsondecode(policy.policy).Statement : can(s.Condition) || s.Effect == "Deny" || !contains(s.Resource, "*")]]))
    error_message = "A statement allows everything everywhere."
  }
}

run "apply_changes_what_carries_the_prefix_or_its_tag" {
  # Without a name, a tag or a condition: generated ids that AWS gives no handle for, and RDS's own secrets.
  assert {
    condition = toset(flatten([for name in ["write-access", "write-network", "write-platform", "write-stores"] : [
      for s in jsondecode(aws_iam_policy.this[name].policy).Statement : s.Sid
      if s.Effect == "Allow" && !can(s.Condition) && !alltrue([for resource in s.Resource : strcontains(resource, "vsl-test")])
    ]])) == toset(["ChangeApis", "ChangeDatabase", "ChangeRecords", "ConnectProxy", "LetDatabaseKeepItsPassword", "NamePrivateEndpoints", "RemoveInterfacesLambdaLeft", "TagEventSources", "TagScaling"])
    error_message = "A statement is limited neither by name nor by condition."
  }
}

run "apply_cannot_change_its_own_rights_nor_another_environments_state" {
  assert {
    condition = toset(flatten([for policy in aws_iam_policy.this : [
      for s in jsondecode(policy.policy).Statement : s.Resource if s.Effect == "Allow" && anytrue([for action in s.Action : startswith(action, "iam:") && !startswith(action, "iam:CreateServiceLinkedRole")])
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
  # The longest names there can be.
  variables {
    prefix          = "vsl-abcdefghijklmnop"
    region          = "ap-southeast-1"
    replica_region  = "ap-northeast-1"
    existing_vpc_id = "vpc-0123456789abcdef0"
  }

  assert {
    condition     = alltrue([for policy in concat(values(aws_iam_policy.this), [aws_iam_policy.boundary]) : length(policy.policy) <= 6144])
    error_message = "A managed policy has more than 6,144 characters: ${jsonencode({ for policy in concat(values(aws_iam_policy.this), [aws_iam_policy.boundary]) : policy.name => length(policy.policy) })}"
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

# The names are those that the modules give. One that no pattern covers would be noticed by the first deployment otherwise.
run "apply_may_make_what_the_platform_consists_of_and_nothing_of_another_environment" {
  variables {
    replica_region = "us-west-2"
  }

  assert {
    condition = [for need in flatten([for action, names in {
      "cloudwatch:PutMetricAlarm"          = ["cloudwatch:us-east-1:123456789012:alarm:vsl-test-submissions-dead-letters", "cloudwatch:us-east-1:123456789012:alarm:TargetTracking-table/vsl-test-realtime-jobs/index/GSI1-AlarmHigh-0"]
      "dynamodb:UpdateTable"               = ["dynamodb:us-east-1:123456789012:table/vsl-test-realtime-jobs"]
      "elasticache:CreateReplicationGroup" = [for name in ["parametergroup:vsl-test-cache-valkey8", "replicationgroup:vsl-test-cache", "subnetgroup:vsl-test-cache", "usergroup:vsl-test-cache-valkey"] : "elasticache:us-east-1:123456789012:${name}"]
      "elasticache:CreateUser"             = ["elasticache:us-east-1:123456789012:user:vsl-test", "elasticache:us-east-1:123456789012:user:vsl-test-nobody"]
      "iam:CreateRole"                     = [for name in ["database-monitoring", "database-proxy", "flow-logs", "generate-media", "media-123456789012-replication"] : "iam::123456789012:role/vsl-test-${name}"]
      "kms:CreateAlias"                    = ["kms:us-east-1:123456789012:alias/vsl-test", "kms:us-west-2:123456789012:alias/vsl-test"]
      "lambda:CreateFunction"              = ["lambda:us-east-1:123456789012:function:vsl-test-generate-media"]
      "logs:AssociateKmsKey"               = [for name in ["apigateway/vsl-test-api", "elasticache/vsl-test-cache/slow-log", "lambda/vsl-test-get-status", "rds/instance/vsl-test-database/postgresql", "vpc/vsl-test-flow-logs"] : "logs:us-east-1:123456789012:log-group:/aws/${name}"]
      "rds:CreateDBInstance"               = [for name in ["db:vsl-test-database", "pg:vsl-test-database-postgres17", "subgrp:vsl-test-database"] : "rds:us-east-1:123456789012:${name}"]
      "rds:CreateDBSnapshot"               = ["rds:us-east-1:123456789012:snapshot:vsl-test-database-final"]
      "s3:CreateBucket"                    = ["s3:::vsl-test-media-123456789012", "s3:::vsl-test-media-replica-123456789012", "s3:::vsl-test-media"]
      "s3:PutReplicationConfiguration"     = ["s3:::vsl-test-media-123456789012"]
      "secretsmanager:CreateSecret"        = ["secretsmanager:us-east-1:123456789012:secret:vsl-test/database-jobs-login-AbCdEf"]
      "sqs:SetQueueAttributes"             = ["sqs:us-east-1:123456789012:vsl-test-webhooks-dead-letters"]
      "ssm:PutParameter"                   = ["ssm:us-east-1:123456789012:parameter/vsl-test/database-url"]
      } : [for name in names : { action = action, arn = "arn:aws:${name}" }]]) : "${need.action} ${need.arn}" if length([
      for pattern in flatten([for policy in aws_iam_policy.this : [for s in jsondecode(policy.policy).Statement : s.Resource if s.Effect == "Allow" && contains(s.Action, need.action)]]) : pattern
      if can(regex("^${replace(pattern, "*", ".*")}$", need.arn)) && !can(regex("^${replace(pattern, "*", ".*")}$", replace(need.arn, "vsl-test", "vsl-tess")))
    ]) != 1] == []
    error_message = "Something cannot be made, or another environment's can."
  }

  assert {
    condition = alltrue([for service in ["lambda", "monitoring.rds", "rds", "s3", "vpc-flow-logs"] : contains(flatten([
      for s in jsondecode(aws_iam_policy.this["write-access"].policy).Statement : s.Condition.StringEquals["iam:PassedToService"] if contains(s.Action, "iam:PassRole")
    ]), "${service}.amazonaws.com")])
    error_message = "A service cannot be given its role."
  }
}

run "a_key_is_used_by_its_tag_and_in_the_regions_that_were_named_only" {
  assert {
    condition = toset(flatten([for policy in aws_iam_policy.this : [for s in jsondecode(policy.policy).Statement : [
      for resource in s.Resource : "${resource} ${try(s.Condition.StringEquals["aws:ResourceTag/Environment"], "")}"
    ] if contains(s.Action, "kms:Decrypt")]])) == toset(["arn:aws:kms:us-east-1:123456789012:key/* vsl-test"])
    error_message = "A key of somebody else can be used."
  }

  assert {
    condition = [for s in jsondecode(aws_iam_policy.this["read-stores"].policy).Statement : s.Condition.StringEquals["kms:ViaService"] if s.Sid == "ReadWhatOwnKeyEncrypts"] == [
      ["lambda.us-east-1.amazonaws.com", "ssm.us-east-1.amazonaws.com"],
    ]
    error_message = "The plan role decrypts more than settings."
  }
}

run "a_network_that_is_brought_along_is_built_into_but_not_changed" {
  variables {
    existing_vpc_id = "vpc-0123456789abcdef0"
  }

  assert {
    condition = { for s in jsondecode(aws_iam_policy.this["write-network"].policy).Statement : s.Sid => join(" ", s.Action) if strcontains(jsonencode(s), "vpc-0123456789abcdef0") } == {
      UseBroughtNetwork = "ec2:CreateSecurityGroup ec2:CreateVpcEndpoint"
      UseItsSubnets     = "ec2:CreateVpcEndpoint ec2:ModifyVpcEndpoint"
    }
    error_message = "Nothing can be put into the network, or the network itself can be changed."
  }
}
