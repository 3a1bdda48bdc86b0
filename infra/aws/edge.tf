# The one address that the world knows. It survives every host, and `destroy`.
resource "aws_eip" "edge" {
  #checkov:skip=CKV2_AWS_19:it hangs on the edge's network interface, so that it survives the host
  domain = "vpc"

  tags = { Name = "${local.name}-edge" }

  lifecycle {
    prevent_destroy = true
  }
}

# An interface of its own: address and private route hang on it, not on the host.
resource "aws_network_interface" "edge" {
  subnet_id         = aws_subnet.public.id
  private_ips       = [local.edge_address]
  security_groups   = [aws_security_group.edge.id]
  source_dest_check = !local.is_private

  tags = { Name = "${local.name}-edge" }
}

resource "aws_eip_association" "edge" {
  allocation_id        = aws_eip.edge.id
  network_interface_id = aws_network_interface.edge.id
}

resource "aws_instance" "edge" {
  #checkov:skip=CKV_AWS_126:detailed monitoring costs as much as a third of the host; five minutes are enough here
  ami                  = local.ami
  instance_type        = local.edge_type
  iam_instance_profile = aws_iam_instance_profile.edge.name
  ebs_optimized        = true
  monitoring           = false
  user_data            = local.edge_user_data

  network_interface {
    device_index         = 0
    network_interface_id = aws_network_interface.edge.id
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
    tags        = merge(local.tags, { Name = "${local.name}-edge" })
  }

  # The types of the t families would bill surplus credits without being asked.
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

  tags = { Name = "${local.name}-edge", role = local.is_private ? "edge" : "single" }

  # A newer image or another boot script does not replace a host that runs: hosts update themselves.
  lifecycle {
    ignore_changes = [ami, user_data]
  }

  depends_on = [aws_eip_association.edge, aws_route.internet]
}

locals {
  edge_user_data = templatefile("${path.module}/templates/host.yaml.tftpl", {
    host = merge(local.host, {
      ROLE        = local.is_private ? "edge" : "single"
      DATA_VOLUME = local.is_private ? "" : aws_ebs_volume.data.id
    })
    fetch = file("${path.module}/templates/release")
  })
}
