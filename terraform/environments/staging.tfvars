# What is tried before others see it: as dev, but its data stays.
prefix = "vsl-staging"
region = "us-east-1"

database = { instance_class = "db.t4g.small" }
