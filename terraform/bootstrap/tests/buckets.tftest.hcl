# Where state and zips lie. What every bucket keeps to: terraform/tests/bucket.tftest.hcl.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "bucket_names_hold_prefix_and_account" {
  assert {
    condition     = output.state_bucket == "vsl-test-state-123456789012" && output.artifact_bucket == "vsl-test-artifacts-123456789012"
    error_message = "The names are not those that the Makefile and README give."
  }
}
