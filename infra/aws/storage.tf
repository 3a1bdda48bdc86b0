# Uploads, backups, releases. All four locks on public access, TLS only, the account's own key, and they survive `destroy`.
locals {
  buckets = {
    media    = aws_s3_bucket.media
    backups  = aws_s3_bucket.backups
    releases = aws_s3_bucket.releases
  }
}

resource "aws_s3_bucket" "media" {
  #checkov:skip=CKV_AWS_18:access logs cost requests and storage; only one role reads here
  #checkov:skip=CKV_AWS_144:a second region doubles the bill; the backups hold the uploads as well
  #checkov:skip=CKV_AWS_145:a key of one's own costs a dollar a month; AES-256 with the account's key
  #checkov:skip=CKV2_AWS_62:nothing waits for events of this bucket
  bucket = "${local.name}-media-${local.suffix}"

  tags = { Name = "${local.name}-media" }

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket" "backups" {
  #checkov:skip=CKV_AWS_18:access logs cost requests and storage; only one role reads here
  #checkov:skip=CKV_AWS_144:a second region is a choice of the owner, made with the repository of the backups
  #checkov:skip=CKV_AWS_145:a key of one's own costs a dollar a month; backups are encrypted before they leave the host
  #checkov:skip=CKV2_AWS_62:nothing waits for events of this bucket
  bucket = "${local.name}-backups-${local.suffix}"

  tags = { Name = "${local.name}-backups" }

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket" "releases" {
  #checkov:skip=CKV_AWS_18:access logs cost requests and storage; only our roles read here
  #checkov:skip=CKV_AWS_144:a release can be uploaded again
  #checkov:skip=CKV_AWS_145:a key of one's own costs a dollar a month; releases are no secret
  #checkov:skip=CKV2_AWS_62:hosts look for a new release by themselves
  bucket = "${local.name}-releases-${local.suffix}"

  tags = { Name = "${local.name}-releases" }

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_public_access_block" "all" {
  for_each                = local.buckets
  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "all" {
  for_each = local.buckets
  bucket   = each.value.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "all" {
  for_each = local.buckets
  bucket   = each.value.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "all" {
  for_each = local.buckets
  bucket   = each.value.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_policy" "tls_only" {
  for_each = local.buckets
  bucket   = each.value.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [each.value.arn, "${each.value.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  depends_on = [aws_s3_bucket_public_access_block.all]
}

locals {
  # Days after which what was overwritten or deleted is gone: a mistake can be undone that long.
  kept_days = { media = 7, backups = 30, releases = 30 }
}

resource "aws_s3_bucket_lifecycle_configuration" "all" {
  for_each = local.buckets
  bucket   = each.value.id

  rule {
    id     = "end"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = local.kept_days[each.key]
    }

    # What a backup holds is hardly ever read: a fifth of the price, and still there at once.
    dynamic "transition" {
      for_each = each.key == "backups" ? [7] : []
      content {
        days          = transition.value
        storage_class = "GLACIER_IR"
      }
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 2
    }
  }

  depends_on = [aws_s3_bucket_versioning.all]
}

# The program that hosts fetch, by version and hash, and the note that says which one is meant now.
resource "aws_s3_object" "release" {
  #checkov:skip=CKV_AWS_186:a key of one's own costs a dollar a month; releases are no secret
  bucket      = aws_s3_bucket.releases.id
  key         = local.release_key
  source      = var.release.file
  source_hash = var.release.sha256

  depends_on = [aws_s3_bucket_policy.tls_only, aws_s3_bucket_versioning.all]
}

resource "aws_s3_object" "current" {
  #checkov:skip=CKV_AWS_186:a key of one's own costs a dollar a month; releases are no secret
  bucket       = aws_s3_bucket.releases.id
  key          = "releases/current"
  content_type = "text/plain"
  content      = "${var.release.version} ${var.release.sha256} ${local.release_key}\n"

  depends_on = [aws_s3_object.release]
}

# Amazon's agent, without which Debian has no Session Manager. S3 itself computes the hash that hosts compare.
resource "aws_s3_object_copy" "agent" {
  #checkov:skip=CKV_AWS_181:a key of one's own costs a dollar a month; releases are no secret
  count              = local.wants_agent ? 1 : 0
  bucket             = aws_s3_bucket.releases.id
  key                = "agent/${var.ssm_agent_version}/${local.debian_machine}/amazon-ssm-agent.deb"
  source             = "amazon-ssm-${var.region}/${var.ssm_agent_version}/debian_${local.debian_machine}/amazon-ssm-agent.deb"
  checksum_algorithm = "SHA256"
  tagging_directive  = "REPLACE"

  depends_on = [aws_s3_bucket_policy.tls_only]
}

resource "aws_s3_object" "agent" {
  #checkov:skip=CKV_AWS_186:a key of one's own costs a dollar a month; releases are no secret
  count        = local.wants_agent ? 1 : 0
  bucket       = aws_s3_bucket.releases.id
  key          = "agent/current"
  content_type = "text/plain"
  content      = "${var.ssm_agent_version} ${aws_s3_object_copy.agent[0].checksum_sha256} ${aws_s3_object_copy.agent[0].key}\n"
}

# Secrets reach the hosts here: write-only, so neither state nor plan has them.
resource "aws_ssm_parameter" "link_secret" {
  #checkov:skip=CKV_AWS_337:a key of one's own costs a dollar a month; encrypted with the account's
  count            = local.is_private ? 1 : 0
  name             = "${local.parameters}/link-secret"
  description      = "By which edge and server prove themselves to each other"
  type             = "SecureString"
  value_wo         = var.link_secret
  value_wo_version = var.link_secret_version
}

resource "aws_ssm_parameter" "recovery_key" {
  #checkov:skip=CKV_AWS_337:a key of one's own costs a dollar a month; encrypted with the account's
  name             = "${local.parameters}/recovery-key"
  description      = "Password of the backups"
  type             = "SecureString"
  value_wo         = var.recovery_key
  value_wo_version = var.recovery_key_version
}
