output "url" {
  description = "Where the instance is reached."
  value       = "https://${var.domain}"
}

output "address" {
  description = "The one public address."
  value       = aws_eip.edge.public_ip
}

output "hosts" {
  description = "Instance ids by role, for Session Manager."
  value = merge(
    { (local.is_private ? "edge" : "single") = aws_instance.edge.id },
    { for app in aws_instance.app : "app" => app.id },
  )
}

output "buckets" {
  description = "Names of the buckets by purpose."
  value       = { for purpose, bucket in local.buckets : purpose => bucket.bucket }
}

output "data_volume" {
  description = "Id of the volume with database and uploads."
  value       = aws_ebs_volume.data.id
}

output "release" {
  description = "What the hosts are to run."
  value       = { version = var.release.version, sha256 = var.release.sha256 }
}

output "name_servers" {
  description = "With dns = new: what the registrar must be told."
  value       = flatten(aws_route53_zone.main[*].name_servers)
}

output "records" {
  description = "The DNS records, for a provider other than Route 53."
  value       = [for record in values(local.records) : { name = record.name, type = record.type, value = record.value }]
}

output "set_up_link_parameter" {
  description = "The parameter in which the server leaves the owner's one-time link."
  value       = "${local.parameters}/set-up-link"
}
