# Every variable refuses what cannot be meant.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "names_that_are_none_are_refused" {
  command = plan

  variables {
    prefix             = "homolog"
    region             = "Virginia"
    github_environment = "*"
    hosted_zone_id     = "example.com"
    keep_packages_days = 7
    existing_vpc_id    = "main"
    plan_parameters    = ["replicate-api-token"]

    permissions_boundary_arn = "vsl-boundary"
  }

  expect_failures = [var.plan_parameters, var.permissions_boundary_arn, var.prefix, var.region, var.github_environment, var.hosted_zone_id, var.keep_packages_days, var.existing_vpc_id]
}

run "a_repository_with_a_wildcard_is_refused" {
  command = plan

  variables {
    github_repository = { owner = "octo-org", owner_id = 123, name = "*", id = 456 }
  }

  expect_failures = [var.github_repository]
}

run "a_repository_without_real_ids_is_refused" {
  command = plan

  variables {
    github_repository = { owner = "octo-org", owner_id = 0, name = "octo.repo", id = 1.5 }
  }

  expect_failures = [var.github_repository]
}

run "a_plan_for_everybody_is_refused" {
  command = plan

  variables {
    plan_subjects = ["*"]
  }

  expect_failures = [var.plan_subjects]
}

run "a_plan_for_nobody_is_refused" {
  command = plan

  variables {
    plan_subjects = []
  }

  expect_failures = [var.plan_subjects]
}

run "a_second_region_that_is_none_is_refused" {
  command = plan

  variables {
    replica_region = "Oregon"
  }

  expect_failures = [var.replica_region]
}

run "the_same_region_twice_is_refused" {
  command = plan

  variables {
    replica_region = "us-east-1"
  }

  expect_failures = [var.replica_region]
}
