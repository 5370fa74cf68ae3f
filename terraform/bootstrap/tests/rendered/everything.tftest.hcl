# Every policy that the bootstrap can make, for the tests that read them from `terraform test -json -verbose`.

mock_provider "aws" {
  source = "./tests/mocks"
}

# Told apart by their ARNs, by which they are attached.

override_resource {
  target = aws_iam_policy.this["plan-state"]
  values = { arn = "arn:aws:iam::123456789012:policy/bootstrap/vsl-test-plan-state" }
}

override_resource {
  target = aws_iam_policy.this["apply-state"]
  values = { arn = "arn:aws:iam::123456789012:policy/bootstrap/vsl-test-apply-state" }
}

override_resource {
  target = aws_iam_policy.this["read-platform"]
  values = { arn = "arn:aws:iam::123456789012:policy/bootstrap/vsl-test-read-platform" }
}

override_resource {
  target = aws_iam_policy.this["read-stores"]
  values = { arn = "arn:aws:iam::123456789012:policy/bootstrap/vsl-test-read-stores" }
}

override_resource {
  target = aws_iam_policy.this["write-access"]
  values = { arn = "arn:aws:iam::123456789012:policy/bootstrap/vsl-test-write-access" }
}

override_resource {
  target = aws_iam_policy.this["write-network"]
  values = { arn = "arn:aws:iam::123456789012:policy/bootstrap/vsl-test-write-network" }
}

override_resource {
  target = aws_iam_policy.this["write-platform"]
  values = { arn = "arn:aws:iam::123456789012:policy/bootstrap/vsl-test-write-platform" }
}

override_resource {
  target = aws_iam_policy.this["write-stores"]
  values = { arn = "arn:aws:iam::123456789012:policy/bootstrap/vsl-test-write-stores" }
}

variables {
  hosted_zone_id  = "Z0123456789"
  replica_region  = "us-west-2"
  existing_vpc_id = "vpc-0123456789abcdef0"
  plan_parameters = ["database-url", "owner-database-url", "redis-url"]
}

run "everything" {}
