# What the variables do not take.
mock_provider "aws" {
  mock_resource "aws_ses_domain_dkim" {
    defaults = { dkim_tokens = ["one", "two", "three"] }
  }
}

variables {
  domain            = "social.example.com"
  region            = "eu-west-3"
  contact           = "owner@example.com"
  availability_zone = "eu-west-3a"
  ami_id            = "ami-0123456789abcdef0"
  link_secret       = "not-a-secret-at-all"
  recovery_key      = "not-a-secret-at-all"
  release = {
    version = "0.1.0"
    sha256  = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    file    = "tests/empty"
  }
}

run "a_domain_with_a_scheme" {
  command         = plan
  expect_failures = [var.domain]
  variables {
    domain = "https://social.example.com"
  }
}

run "a_region_that_is_none" {
  command         = plan
  expect_failures = [var.region]
  variables {
    region = "Paris"
  }
}

run "an_unknown_shape" {
  command         = plan
  expect_failures = [var.shape]
  variables {
    shape = "huge"
  }
}

run "a_zone_of_somebody_else" {
  command         = plan
  expect_failures = [var.zone_name]
  variables {
    zone_name = "other.example.net"
  }
}

run "a_release_with_another_hash" {
  command         = plan
  expect_failures = [var.release]
  variables {
    release = {
      version = "0.1.0"
      sha256  = "0000000000000000000000000000000000000000000000000000000000000000"
      file    = "tests/empty"
    }
  }
}

run "a_root_disk_too_small_for_debian" {
  command         = plan
  expect_failures = [var.root_volume_gb]
  variables {
    root_volume_gb = 4
  }
}

run "a_contact_that_is_no_address" {
  command         = plan
  expect_failures = [var.contact]
  variables {
    contact = "nobody"
  }
}
