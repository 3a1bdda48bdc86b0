# The domain's records are kept by another provider: `terraform output records` says which it needs.
domain  = "social.example.com"
region  = "eu-west-3"
contact = "owner@example.com"
dns     = "external"
