prefix     = "vsl-dev"
region     = "us-east-1"
disposable = true
log_level  = "DEBUG"
