prefix = "vsl-prod"
region = "us-east-1"
