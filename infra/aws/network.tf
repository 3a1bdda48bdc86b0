resource "aws_vpc" "main" {
  #checkov:skip=CKV2_AWS_11:flow logs cost more than the hosts; the edge logs and counts what passes
  cidr_block           = var.vpc_cidr
  enable_dns_hostnames = true
  enable_dns_support   = true

  tags = { Name = local.name }
}

# The group that a host gets when nobody says which: it lets nothing in and nothing out.
resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.main.id

  tags = { Name = "${local.name}-closed" }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id

  tags = { Name = local.name }
}

resource "aws_subnet" "public" {
  vpc_id                  = aws_vpc.main.id
  cidr_block              = local.public_cidr
  availability_zone       = local.zone
  map_public_ip_on_launch = false

  tags = { Name = "${local.name}-public" }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id

  tags = { Name = "${local.name}-public" }
}

resource "aws_route" "internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main.id
}

resource "aws_route_table_association" "public" {
  subnet_id      = aws_subnet.public.id
  route_table_id = aws_route_table.public.id
}

resource "aws_subnet" "private" {
  count                   = local.is_private ? 1 : 0
  vpc_id                  = aws_vpc.main.id
  cidr_block              = local.private_cidr
  availability_zone       = local.zone
  map_public_ip_on_launch = false

  tags = { Name = "${local.name}-private" }
}

resource "aws_route_table" "private" {
  count  = local.is_private ? 1 : 0
  vpc_id = aws_vpc.main.id

  tags = { Name = "${local.name}-private" }
}

# Out by the edge's own network interface: it stays when the edge is replaced.
resource "aws_route" "by_the_edge" {
  count                  = local.is_private ? 1 : 0
  route_table_id         = aws_route_table.private[0].id
  destination_cidr_block = "0.0.0.0/0"
  network_interface_id   = aws_network_interface.edge.id
}

resource "aws_route_table_association" "private" {
  count          = local.is_private ? 1 : 0
  subnet_id      = aws_subnet.private[0].id
  route_table_id = aws_route_table.private[0].id
}

# Free, and the server reaches its buckets without the edge. It admits our buckets and no other.
resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = concat([aws_route_table.public.id], aws_route_table.private[*].id)
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OurBuckets"
      Effect    = "Allow"
      Principal = "*"
      Action    = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "s3:AbortMultipartUpload"]
      Resource  = flatten([for bucket in local.buckets : [bucket.arn, "${bucket.arn}/*"]])
    }]
  })

  tags = { Name = local.name }
}

resource "aws_security_group" "edge" {
  #checkov:skip=CKV2_AWS_5:it is on the edge's network interface, which checkov does not follow
  name        = "${local.name}-edge"
  description = "The edge: https and http from everywhere, the way out for the server"
  vpc_id      = aws_vpc.main.id

  tags = { Name = "${local.name}-edge" }
}

resource "aws_vpc_security_group_ingress_rule" "https" {
  security_group_id = aws_security_group.edge.id
  description       = "https from everywhere"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_ingress_rule" "http" {
  #checkov:skip=CKV_AWS_260:port 80 answers with a redirect to https, and proves the name to the certificate authority
  security_group_id = aws_security_group.edge.id
  description       = "http from everywhere: redirects, and the proof of the name"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
}

resource "aws_vpc_security_group_ingress_rule" "way_out" {
  #checkov:skip=CKV_AWS_23:its Name says what it is for: not every API gives the description of a rule between groups back
  count                        = local.is_private ? 1 : 0
  security_group_id            = aws_security_group.edge.id
  referenced_security_group_id = aws_security_group.app[0].id
  ip_protocol                  = "-1"

  tags = { Name = "What the server sends to the internet by this host" }
}

resource "aws_vpc_security_group_egress_rule" "edge" {
  security_group_id = aws_security_group.edge.id
  description       = "Other servers listen on any port, and the server's packets pass here"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_security_group" "app" {
  #checkov:skip=CKV2_AWS_5:it is on the server's network interface, which checkov does not follow
  count       = local.is_private ? 1 : 0
  name        = "${local.name}-app"
  description = "The server: only the edge reaches it, on one port"
  vpc_id      = aws_vpc.main.id

  tags = { Name = "${local.name}-app" }
}

resource "aws_vpc_security_group_ingress_rule" "link" {
  #checkov:skip=CKV_AWS_23:its Name says what it is for: not every API gives the description of a rule between groups back
  count                        = local.is_private ? 1 : 0
  security_group_id            = aws_security_group.app[0].id
  referenced_security_group_id = aws_security_group.edge.id
  ip_protocol                  = "tcp"
  from_port                    = local.link_port
  to_port                      = local.link_port

  tags = { Name = "The encrypted link of the edge" }
}

resource "aws_vpc_security_group_egress_rule" "app" {
  count             = local.is_private ? 1 : 0
  security_group_id = aws_security_group.app[0].id
  description       = "Other servers listen on any port; the way leads by the edge"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}
