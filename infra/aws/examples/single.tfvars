# The cheapest: edge and server on one host, on Spot capacity.
domain  = "social.example.com"
region  = "eu-west-3"
contact = "owner@example.com"
shape   = "single"
spot    = true
