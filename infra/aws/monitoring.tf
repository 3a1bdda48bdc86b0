# At most eight alarms in all: ten are free.
locals {
  watched = var.alarms ? merge(
    { edge = aws_instance.edge.id },
    { for app in aws_instance.app : "app" => app.id },
  ) : {}
}

resource "aws_sns_topic" "alarms" {
  #checkov:skip=CKV_AWS_26:alarms cannot be sent through a topic under the account's key, and one's own costs a dollar; they say no more than a host's name
  count = var.alarms ? 1 : 0
  name  = "${local.name}-alarms"
}

resource "aws_sns_topic_subscription" "owner" {
  count     = var.alarms ? 1 : 0
  topic_arn = aws_sns_topic.alarms[0].arn
  protocol  = "email"
  endpoint  = var.contact
}

# The machine below the host is broken: AWS moves the host to another one.
resource "aws_cloudwatch_metric_alarm" "machine" {
  for_each            = local.watched
  alarm_name          = "${local.name}-${each.key}-machine"
  alarm_description   = "The machine under the ${each.key} host is broken; it is moved to another one"
  namespace           = "AWS/EC2"
  metric_name         = "StatusCheckFailed_System"
  dimensions          = { InstanceId = each.value }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 2
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  alarm_actions       = concat([aws_sns_topic.alarms[0].arn], var.spot ? [] : ["arn:aws:automate:${var.region}:ec2:recover"])
  ok_actions          = [aws_sns_topic.alarms[0].arn]
}

# The host itself hangs: it is started anew.
resource "aws_cloudwatch_metric_alarm" "host" {
  for_each            = local.watched
  alarm_name          = "${local.name}-${each.key}-host"
  alarm_description   = "The ${each.key} host does not answer; it is started anew"
  namespace           = "AWS/EC2"
  metric_name         = "StatusCheckFailed_Instance"
  dimensions          = { InstanceId = each.value }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 3
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  alarm_actions       = concat([aws_sns_topic.alarms[0].arn], var.spot ? [] : ["arn:aws:automate:${var.region}:ec2:reboot"])
  ok_actions          = [aws_sns_topic.alarms[0].arn]
}

resource "aws_cloudwatch_metric_alarm" "credits" {
  for_each            = local.watched
  alarm_name          = "${local.name}-${each.key}-credits"
  alarm_description   = "The ${each.key} host has used up its processor credits: a larger type would serve better"
  namespace           = "AWS/EC2"
  metric_name         = "CPUCreditBalance"
  dimensions          = { InstanceId = each.value }
  statistic           = "Minimum"
  period              = 300
  evaluation_periods  = 6
  threshold           = 5
  comparison_operator = "LessThanThreshold"
  alarm_actions       = [aws_sns_topic.alarms[0].arn]
  ok_actions          = [aws_sns_topic.alarms[0].arn]
}

# Above these shares AWS closes the mail of an account.
resource "aws_cloudwatch_metric_alarm" "mail" {
  for_each            = var.alarms && var.mail ? { BounceRate = 0.04, ComplaintRate = 0.0008 } : {}
  alarm_name          = "${local.name}-mail-${lower(each.key)}"
  alarm_description   = "Too much of our mail comes back or is complained about"
  namespace           = "AWS/SES"
  metric_name         = "Reputation.${each.key}"
  statistic           = "Maximum"
  period              = 3600
  evaluation_periods  = 1
  threshold           = each.value
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms[0].arn]
}

resource "aws_budgets_budget" "month" {
  count        = var.budget_usd == null ? 0 : 1
  name         = local.name
  budget_type  = "COST"
  limit_amount = tostring(var.budget_usd)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  cost_filter {
    name   = "TagKeyValue"
    values = [format("user:environment$%s", var.environment)]
  }

  notification {
    comparison_operator        = "GREATER_THAN"
    threshold                  = 100
    threshold_type             = "PERCENTAGE"
    notification_type          = "FORECASTED"
    subscriber_email_addresses = [var.contact]
  }
}
