# The cheapest complete platform: everything once, in its smallest size, and `make destroy` may take it away.
prefix     = "vsl-dev"
region     = "us-east-1"
disposable = true

database = { instance_class = "db.t4g.micro" }
logs     = { level = "DEBUG" }
