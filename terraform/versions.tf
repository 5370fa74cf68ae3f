terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # Bucket and key: environments/<env>.s3.tfbackend
  backend "s3" {}
}

locals {
  tags = {
    Application = "vsl-media-generation"
    Environment = var.prefix
  }
}

# Credentials and, for an emulator, AWS_ENDPOINT_URL come from environment variables.
provider "aws" {
  region = var.region

  default_tags {
    tags = local.tags
  }
}

# Region of the copy of the media, if there is one.
provider "aws" {
  alias  = "replica"
  region = coalesce(var.media_bucket.replica_region, var.region)

  default_tags {
    tags = local.tags
  }
}
