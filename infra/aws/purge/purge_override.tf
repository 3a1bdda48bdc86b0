# Laid over the module by `tuskling deploy destroy --purge`, and by nothing else: what outlives a deployment may go, too.
resource "aws_eip" "edge" {
  lifecycle {
    prevent_destroy = false
  }
}

resource "aws_ebs_volume" "data" {
  lifecycle {
    prevent_destroy = false
  }
}

resource "aws_route53_zone" "main" {
  force_destroy = true

  lifecycle {
    prevent_destroy = false
  }
}

resource "aws_s3_bucket" "media" {
  force_destroy = true

  lifecycle {
    prevent_destroy = false
  }
}

resource "aws_s3_bucket" "backups" {
  force_destroy = true

  lifecycle {
    prevent_destroy = false
  }
}

resource "aws_s3_bucket" "releases" {
  force_destroy = true

  lifecycle {
    prevent_destroy = false
  }
}
