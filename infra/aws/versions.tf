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

  s3_use_path_style           = var.api != "aws"
  skip_credentials_validation = var.api != "aws"
  skip_metadata_api_check     = var.api != "aws"
  skip_region_validation      = var.api != "aws"
  skip_requesting_account_id  = var.api == "none"
  # The default of 25 hides a missing permission of an emulator for ten minutes.
  max_retries = var.api == "aws" ? null : 3

  default_tags {
    tags = local.tags
  }
}
