# The network, the hosts, the storage and the names of one tuskling instance.
# `tuskling deploy` drives it; by hand: terraform init -backend-config=FILE, then apply with a file of variables.
terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 6.0.0"
    }
  }

  # Bucket, key and region come from -backend-config; the lock is S3's own (use_lockfile).
  backend "s3" {}
}

provider "aws" {
  region = var.region

  s3_use_path_style           = var.custom_endpoint
  skip_credentials_validation = var.custom_endpoint
  skip_metadata_api_check     = var.custom_endpoint
  skip_region_validation      = var.custom_endpoint
  skip_requesting_account_id  = var.custom_endpoint
  # The default of 25 hides a missing permission of an emulator for ten minutes.
  max_retries = var.custom_endpoint ? 3 : null

  default_tags {
    tags = local.tags
  }
}
