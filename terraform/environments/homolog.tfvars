prefix = "vsl-homolog"
region = "us-east-1"
