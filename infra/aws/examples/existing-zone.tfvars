# A zone of this account, for a parent of the domain; a staging environment on x86_64, with a budget.
domain       = "social.example.com"
region       = "eu-west-3"
contact      = "owner@example.com"
environment  = "staging"
architecture = "x86_64"
dns          = "existing"
zone_name    = "example.com"
zone_id      = "Z0123456789ABCDEFGHIJ"
budget_usd   = 20
