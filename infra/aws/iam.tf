# Two roles, each with what its host does and nothing else. Shape single has one host with both.
locals {
  ec2_only = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })

  may_read_releases = [{
    Sid      = "Releases"
    Effect   = "Allow"
    Action   = ["s3:GetObject"]
    Resource = ["${aws_s3_bucket.releases.arn}/releases/*", "${aws_s3_bucket.releases.arn}/agent/*"]
  }]

  may_read_link_secret = [for parameter in aws_ssm_parameter.link_secret : {
    Sid      = "LinkSecret"
    Effect   = "Allow"
    Action   = ["ssm:GetParameter"]
    Resource = [parameter.arn]
  }]

  # Sealed by the edge with the secret of the link before they leave it. Beside the releases, which it can read but not write,
  # because what lies there is no secret: to be told that there is nothing yet, it must be able to list the bucket.
  may_keep_certificates = local.is_private ? [
    {
      Sid      = "Certificates"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = ["${aws_s3_bucket.releases.arn}/edge/*"]
    },
    {
      Sid      = "CertificatesThatAreNotThere"
      Effect   = "Allow"
      Action   = ["s3:ListBucket"]
      Resource = [aws_s3_bucket.releases.arn]
    },
  ] : []

  may_serve = concat([
    {
      Sid      = "Media"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
      Resource = ["${aws_s3_bucket.media.arn}/media/*"]
    },
    {
      Sid      = "Backups"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"]
      Resource = ["${aws_s3_bucket.backups.arn}/backup/*"]
    },
    {
      # Old backups are pruned by the owner's credentials, which no host has.
      Sid      = "BackupLocks"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject"]
      Resource = ["${aws_s3_bucket.backups.arn}/backup/locks/*"]
    },
    {
      # Without a condition on the prefix: with one, S3 says 403 instead of 404 for what is not there yet, and a
      # first backup could not tell that there is none.
      Sid      = "Lists"
      Effect   = "Allow"
      Action   = ["s3:ListBucket"]
      Resource = [aws_s3_bucket.media.arn, aws_s3_bucket.backups.arn]
    },
    {
      Sid      = "RecoveryKey"
      Effect   = "Allow"
      Action   = ["ssm:GetParameter"]
      Resource = [aws_ssm_parameter.recovery_key.arn]
    },
    {
      # The one-time link of the owner goes where only the owner's credentials read it.
      Sid      = "SetUpLink"
      Effect   = "Allow"
      Action   = ["ssm:PutParameter"]
      Resource = ["${trimsuffix(aws_ssm_parameter.recovery_key.arn, "/recovery-key")}/set-up-link"]
    },
    ], [for identity in aws_ses_domain_identity.main : {
      Sid      = "Mail"
      Effect   = "Allow"
      Action   = ["ses:SendEmail", "ses:SendRawEmail"]
      Resource = [identity.arn]
  }])
}

resource "aws_iam_role" "edge" {
  name               = "${local.name}-edge"
  description        = "The host that the internet sees"
  assume_role_policy = local.ec2_only
}

resource "aws_iam_role_policy" "edge" {
  name = "edge"
  role = aws_iam_role.edge.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.may_read_releases, local.may_read_link_secret, local.may_keep_certificates, [for one in local.may_serve : one if !local.is_private])
  })
}

resource "aws_iam_instance_profile" "edge" {
  name = "${local.name}-edge"
  role = aws_iam_role.edge.name
}

resource "aws_iam_role" "app" {
  count              = local.is_private ? 1 : 0
  name               = "${local.name}-app"
  description        = "The server behind the edge"
  assume_role_policy = local.ec2_only
}

resource "aws_iam_role_policy" "app" {
  count = local.is_private ? 1 : 0
  name  = "app"
  role  = aws_iam_role.app[0].id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.may_read_releases, local.may_read_link_secret, local.may_serve)
  })
}

resource "aws_iam_instance_profile" "app" {
  count = local.is_private ? 1 : 0
  name  = "${local.name}-app"
  role  = aws_iam_role.app[0].name
}

# The shell by Session Manager. Not AmazonSSMManagedInstanceCore: that one reads every parameter of the account.
resource "aws_iam_role_policy_attachment" "shell" {
  for_each   = toset(local.is_private ? ["edge", "app"] : ["edge"])
  role       = each.key == "edge" ? aws_iam_role.edge.name : aws_iam_role.app[0].name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedEC2InstanceDefaultPolicy"
}
