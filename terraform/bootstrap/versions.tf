terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # Local, since the state's bucket does not exist yet; the path is given to init (README.md).
  backend "local" {}
}

# Credentials and, for an emulator, AWS_ENDPOINT_URL come from the caller's environment.
provider "aws" {
  region = var.region

  default_tags {
    tags = {
      Application = "vsl-media-generation"
      Environment = var.prefix
    }
  }
}
