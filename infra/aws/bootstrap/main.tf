# The bucket that keeps the Terraform state of one deployment: made once, before everything else, by `tuskling deploy apply`.
# Encrypted, versioned, private, TLS only; the lock is S3's own, so that no table is needed.
terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 6.0.0"
    }
  }
}

variable "region" {
  description = "The AWS region of the deployment."
  type        = string
}

variable "bucket" {
  description = "Name of the bucket, which is shared by all of AWS."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "bucket must be 3 to 63 lower-case letters, digits and hyphens"
  }
}

variable "environment" {
  description = "Name of the deployment, for its tags."
  type        = string
}

variable "api" {
  description = "aws, or custom: at an address of your own (AWS_ENDPOINT_URL)."
  type        = string
  default     = "aws"
}

provider "aws" {
  region = var.region

  s3_use_path_style           = var.api != "aws"
  skip_credentials_validation = var.api != "aws"
  skip_metadata_api_check     = var.api != "aws"
  skip_region_validation      = var.api != "aws"
  max_retries                 = var.api == "aws" ? null : 3

  default_tags {
    tags = { project = "tuskling", environment = var.environment }
  }
}

resource "aws_s3_bucket" "state" {
  #checkov:skip=CKV_AWS_18:access logs cost requests and storage; only the owner's credentials read here
  #checkov:skip=CKV_AWS_144:the state can be imported anew from what it describes
  #checkov:skip=CKV_AWS_145:a key of one's own costs a dollar a month; the state holds no secret
  #checkov:skip=CKV2_AWS_62:nothing waits for events of this bucket
  #checkov:skip=CKV2_AWS_61:a version has some hundred kB, and the old ones are the way back
  bucket = var.bucket

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_public_access_block" "state" {
  bucket                  = aws_s3_bucket.state.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "state" {
  bucket = aws_s3_bucket.state.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_policy" "state" {
  bucket = aws_s3_bucket.state.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.state.arn, "${aws_s3_bucket.state.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  depends_on = [aws_s3_bucket_public_access_block.state]
}

output "bucket" {
  description = "The bucket of the state."
  value       = aws_s3_bucket.state.bucket
}
