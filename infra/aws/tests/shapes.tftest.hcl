# No key, no AWS: the provider is mocked, zone and image are given.
mock_provider "aws" {
  # What is only known afterwards is made up at once: nothing is applied, so that nothing protected has to go.
  override_during = plan

  mock_resource "aws_ses_domain_dkim" {
    defaults = { dkim_tokens = ["one", "two", "three"] }
  }
  mock_resource "aws_network_interface" {
    defaults = { id = "eni-0123456789abcdef0" }
  }
  mock_resource "aws_ebs_volume" {
    defaults = { id = "vol-0123456789abcdef0" }
  }
  mock_resource "aws_instance" {
    defaults = { id = "i-0123456789abcdef0" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-west-3:123456789012:mock" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::mock", bucket = "mock" }
  }
  mock_resource "aws_ssm_parameter" {
    defaults = { arn = "arn:aws:ssm:eu-west-3:123456789012:parameter/tuskling/production/recovery-key" }
  }
  mock_resource "aws_ses_domain_identity" {
    defaults = { arn = "arn:aws:ses:eu-west-3:123456789012:identity/social.example.com" }
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

run "private" {
  command = plan

  assert {
    condition     = length(aws_instance.app) == 1 && length(aws_subnet.private) == 1
    error_message = "shape private has a server of its own, in a subnet of its own"
  }
  assert {
    condition     = aws_network_interface.edge.source_dest_check == false
    error_message = "the edge passes on what is not for itself"
  }
  assert {
    condition     = aws_route.by_the_edge[0].network_interface_id == aws_network_interface.edge.id
    error_message = "the way out leads by the edge's interface"
  }
  assert {
    condition     = toset([aws_vpc_security_group_ingress_rule.http.from_port, aws_vpc_security_group_ingress_rule.https.from_port]) == toset([80, 443])
    error_message = "the world reaches ports 80 and 443"
  }
  assert {
    condition     = aws_instance.edge.instance_type == "t4g.nano" && aws_instance.app[0].instance_type == "t4g.nano"
    error_message = "the cheapest that is enough"
  }
  assert {
    condition     = length(aws_instance.edge.user_data) < 12000 && length(aws_instance.app[0].user_data) < 12000
    error_message = "user data has room: AWS takes 16 kB"
  }
  assert {
    condition     = length(aws_route53_record.all) == 10 && length(aws_route53_zone.main) == 1
    error_message = "a zone with its ten records"
  }
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.machine) + length(aws_cloudwatch_metric_alarm.host) + length(aws_cloudwatch_metric_alarm.credits) + length(aws_cloudwatch_metric_alarm.mail) <= 10
    error_message = "ten alarms are free"
  }
}

run "single" {
  command = plan

  variables {
    shape        = "single"
    architecture = "x86_64"
    spot         = true
    budget_usd   = 20
  }

  assert {
    condition     = length(aws_instance.app) == 0 && length(aws_subnet.private) == 0 && length(aws_ssm_parameter.link_secret) == 0
    error_message = "shape single is one host"
  }
  assert {
    condition     = aws_network_interface.edge.source_dest_check == true
    error_message = "one host passes nothing on"
  }
  assert {
    condition     = aws_instance.edge.instance_type == "t3.nano"
    error_message = "x86_64 has its own usual type"
  }
  assert {
    condition     = aws_instance.edge.instance_market_options[0].spot_options[0].instance_interruption_behavior == "stop"
    error_message = "a host on Spot is stopped, not ended"
  }
  assert {
    condition     = aws_volume_attachment.data.instance_id == aws_instance.edge.id
    error_message = "the data volume is on the one host"
  }
  assert {
    condition     = length(aws_budgets_budget.month) == 1
    error_message = "a budget when one is named"
  }
}

run "another_provider_of_names" {
  command = plan

  variables {
    dns = "external"
  }

  assert {
    condition     = length(aws_route53_zone.main) == 0 && length(aws_route53_record.all) == 0 && length(output.records) == 10
    error_message = "the records are an output"
  }
}

run "without_mail_and_alarms" {
  command = plan

  variables {
    mail   = false
    alarms = false
  }

  assert {
    condition     = length(aws_ses_domain_identity.main) == 0 && length(aws_sns_topic.alarms) == 0 && length(aws_route53_record.all) == 2
    error_message = "both are a choice"
  }
}

run "a_second_environment" {
  command = plan

  variables {
    environment = "staging"
  }

  assert {
    condition     = aws_iam_role.edge.name == "tuskling-staging-edge" && startswith(aws_ssm_parameter.recovery_key.name, "/tuskling/staging/")
    error_message = "names tell environments apart"
  }
}
