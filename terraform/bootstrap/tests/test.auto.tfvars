prefix = "vsl-test"

github_repository = {
  owner    = "octo-org"
  owner_id = 123
  name     = "octo.repo"
  id       = 456
}
