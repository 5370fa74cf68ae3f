prefix = "vsl-staging"
region = "us-east-1"
