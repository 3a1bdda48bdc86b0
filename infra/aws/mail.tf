# Mail leaves by the API of Amazon SES and the role of the host: there is no user with keys.
resource "aws_ses_domain_identity" "main" {
  count  = var.mail ? 1 : 0
  domain = var.domain
}

resource "aws_ses_domain_dkim" "main" {
  count  = var.mail ? 1 : 0
  domain = aws_ses_domain_identity.main[0].domain
}

# A name of its own for bounces, so that SPF agrees with the domain.
resource "aws_ses_domain_mail_from" "main" {
  count                  = var.mail ? 1 : 0
  domain                 = aws_ses_domain_identity.main[0].domain
  mail_from_domain       = "mail.${var.domain}"
  behavior_on_mx_failure = "UseDefaultValue"
}
