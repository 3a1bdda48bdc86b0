# The usual shape: a public edge before a server without a public address. Beside this file a plan needs the release
# (-var 'release={version="1.2.3",sha256="…",file="tuskling"}') and two secrets (TF_VAR_link_secret, TF_VAR_recovery_key).
domain  = "social.example.com"
region  = "eu-west-3"
contact = "owner@example.com"
