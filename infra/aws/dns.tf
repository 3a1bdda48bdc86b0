# One list of records: written to Route 53, or printed for another provider.
locals {
  record_ttl = 300

  address_records = {
    address = { name = var.domain, type = "A", value = aws_eip.edge.public_ip }
    caa     = { name = var.domain, type = "CAA", value = "0 issue \"letsencrypt.org\"" }
  }

  mail_records = var.mail ? {
    verification = { name = "_amazonses.${var.domain}", type = "TXT", value = aws_ses_domain_identity.main[0].verification_token }
    dkim0        = { name = "${aws_ses_domain_dkim.main[0].dkim_tokens[0]}._domainkey.${var.domain}", type = "CNAME", value = "${aws_ses_domain_dkim.main[0].dkim_tokens[0]}.dkim.amazonses.com" }
    dkim1        = { name = "${aws_ses_domain_dkim.main[0].dkim_tokens[1]}._domainkey.${var.domain}", type = "CNAME", value = "${aws_ses_domain_dkim.main[0].dkim_tokens[1]}.dkim.amazonses.com" }
    dkim2        = { name = "${aws_ses_domain_dkim.main[0].dkim_tokens[2]}._domainkey.${var.domain}", type = "CNAME", value = "${aws_ses_domain_dkim.main[0].dkim_tokens[2]}.dkim.amazonses.com" }
    spf          = { name = var.domain, type = "TXT", value = "v=spf1 include:amazonses.com -all" }
    dmarc        = { name = "_dmarc.${var.domain}", type = "TXT", value = "v=DMARC1; p=quarantine; adkim=s; aspf=r; rua=mailto:${var.contact}" }
    bounces      = { name = "mail.${var.domain}", type = "MX", value = "10 feedback-smtp.${var.region}.amazonses.com" }
    bounces_spf  = { name = "mail.${var.domain}", type = "TXT", value = "v=spf1 include:amazonses.com -all" }
  } : {}

  records = merge(local.address_records, local.mail_records)
  zone_id = (
    var.dns == "new" ? aws_route53_zone.main[0].zone_id :
    var.dns == "existing" ? (var.zone_id != null ? var.zone_id : data.aws_route53_zone.existing[0].zone_id) :
    null
  )
}

resource "aws_route53_zone" "main" {
  #checkov:skip=CKV2_AWS_38:DNSSEC needs a key that costs a dollar a month, and a step at the registrar
  #checkov:skip=CKV2_AWS_39:a log of questions is not wanted: it says who looks at whom
  count = var.dns == "new" ? 1 : 0
  name  = coalesce(var.zone_name, var.domain)

  lifecycle {
    prevent_destroy = true
  }
}

data "aws_route53_zone" "existing" {
  count = var.dns == "existing" && var.zone_id == null ? 1 : 0
  name  = coalesce(var.zone_name, var.domain)
}

resource "aws_route53_record" "all" {
  #checkov:skip=CKV2_AWS_23:the address record points to the edge's Elastic IP, which checkov does not see behind the list
  for_each = var.dns == "external" ? {} : local.records
  zone_id  = local.zone_id
  name     = each.value.name
  type     = each.value.type
  ttl      = local.record_ttl
  records  = [each.value.value]
}
