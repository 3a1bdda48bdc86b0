locals {
  name       = "tuskling-${var.environment}"
  is_private = var.shape == "private"

  tags = {
    project     = "tuskling"
    environment = var.environment
    domain      = var.domain
  }

  suffix = coalesce(var.bucket_suffix, substr(sha256("${var.domain}/${var.region}"), 0, 10))

  usual_type = var.architecture == "arm64" ? "t4g.nano" : "t3.nano"
  edge_type  = coalesce(var.edge_instance_type, local.usual_type)
  app_type   = coalesce(var.app_instance_type, local.usual_type)
  ami        = var.ami_id != null ? var.ami_id : data.aws_ami.debian[0].id
  zone       = var.availability_zone != null ? var.availability_zone : data.aws_availability_zones.all[0].names[0]

  # Below a /16 the subnets take what is there; the server's address is fixed, so that the edge knows it beforehand.
  public_cidr  = cidrsubnet(var.vpc_cidr, 4, 0)
  private_cidr = cidrsubnet(var.vpc_cidr, 4, 1)
  edge_address = cidrhost(local.public_cidr, 10)
  app_address  = cidrhost(local.private_cidr, 10)
  link_port    = 3443

  parameters     = "/tuskling/${var.environment}"
  release_key    = "releases/${var.release.version}/${var.architecture}/tuskling"
  wants_agent    = var.ssm_agent_version != null && var.api != "custom"
  debian_machine = var.architecture == "arm64" ? "arm64" : "amd64"

  # What a host is told at boot. No secrets: those it fetches itself, by its role.
  host = {
    REGION       = var.region
    DOMAIN       = var.domain
    CONTACT      = var.contact
    RELEASES     = aws_s3_bucket.releases.bucket
    BACKUPS      = aws_s3_bucket.backups.bucket
    MEDIA        = aws_s3_bucket.media.bucket
    PARAMETERS   = local.parameters
    EDGE_ADDRESS = local.edge_address
    APP_ADDRESS  = local.app_address
    LINK_PORT    = local.link_port
    PRIVATE_CIDR = local.private_cidr
    MAIL         = var.mail ? "ses" : "files"
  }
}

data "aws_availability_zones" "all" {
  count = var.availability_zone == null ? 1 : 0
  state = "available"
}

data "aws_ami" "debian" {
  count       = var.ami_id == null ? 1 : 0
  most_recent = true
  owners      = ["136693071363"] # Debian's own account

  filter {
    name   = "name"
    values = ["debian-13-${local.debian_machine}-*"]
  }

  filter {
    name   = "architecture"
    values = [var.architecture]
  }
}
