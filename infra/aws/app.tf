# Database and uploads. It survives its host; a plan that would replace it fails.
resource "aws_ebs_volume" "data" {
  #checkov:skip=CKV_AWS_189:a key of one's own costs a dollar a month; the disk is encrypted with the account's
  availability_zone = local.zone
  type              = "gp3"
  size              = var.data_volume_gb
  encrypted         = true

  tags = { Name = "${local.name}-data" }

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_volume_attachment" "data" {
  device_name                    = "/dev/sdf"
  volume_id                      = aws_ebs_volume.data.id
  instance_id                    = local.is_private ? aws_instance.app[0].id : aws_instance.edge.id
  stop_instance_before_detaching = true
}

# Its address is fixed and survives the host: the edge knows it beforehand.
resource "aws_network_interface" "app" {
  count           = local.is_private ? 1 : 0
  subnet_id       = aws_subnet.private[0].id
  private_ips     = [local.app_address]
  security_groups = [aws_security_group.app[0].id]

  tags = { Name = "${local.name}-app" }
}

resource "aws_instance" "app" {
  #checkov:skip=CKV_AWS_126:detailed monitoring costs as much as a third of the host; five minutes are enough here
  count                = local.is_private ? 1 : 0
  ami                  = local.ami
  instance_type        = local.app_type
  iam_instance_profile = aws_iam_instance_profile.app[0].name
  ebs_optimized        = true
  monitoring           = false
  user_data            = local.app_user_data

  network_interface {
    device_index         = 0
    network_interface_id = aws_network_interface.app[0].id
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  root_block_device {
    volume_type = "gp3"
    volume_size = var.root_volume_gb
    encrypted   = true
    tags        = merge(local.tags, { Name = "${local.name}-app" })
  }

  credit_specification {
    cpu_credits = "standard"
  }

  dynamic "instance_market_options" {
    for_each = var.spot ? [1] : []
    content {
      market_type = "spot"
      spot_options {
        spot_instance_type             = "persistent"
        instance_interruption_behavior = "stop"
      }
    }
  }

  tags = { Name = "${local.name}-app", role = "app" }

  lifecycle {
    ignore_changes = [ami, user_data]
  }

  depends_on = [aws_route.by_the_edge]
}

locals {
  app_user_data = templatefile("${path.module}/templates/host.yaml.tftpl", {
    host  = merge(local.host, { ROLE = "app", DATA_VOLUME = aws_ebs_volume.data.id })
    fetch = file("${path.module}/templates/release")
  })
}
