variable "domain" {
  description = "The name of the instance, as in handles (@name@domain). It can never be changed later."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$", var.domain)) && length(var.domain) <= 253
    error_message = "domain must be a host name in lower case with at least one dot, without scheme, port or path: social.example.com"
  }
}

variable "region" {
  description = "The AWS region that everything is in."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be the name of an AWS region, such as eu-west-3"
  }
}

variable "environment" {
  description = "Tells several deployments of one account apart: production, staging, …"
  type        = string
  default     = "production"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,14}[a-z0-9]$", var.environment))
    error_message = "environment must be 2 to 16 lower-case letters, digits or hyphens, and begin with a letter"
  }
}

variable "shape" {
  description = "private: a public edge before a server without a public address; single: both on one host."
  type        = string
  default     = "private"

  validation {
    condition     = contains(["private", "single"], var.shape)
    error_message = "shape must be private or single"
  }
}

variable "architecture" {
  description = "Processor of the hosts: arm64 is cheaper, x86_64 for a release that was built for it."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture must be arm64 or x86_64"
  }
}

variable "edge_instance_type" {
  description = "Instance type of the edge; of the one host in shape single. Default: t4g.nano, or t3.nano on x86_64."
  type        = string
  default     = null

  validation {
    condition     = var.edge_instance_type == null || can(regex("^[a-z0-9]+\\.[a-z0-9]+$", var.edge_instance_type))
    error_message = "edge_instance_type must look like t4g.nano"
  }
}

variable "app_instance_type" {
  description = "Instance type of the server in shape private. Default: t4g.nano, or t3.nano on x86_64."
  type        = string
  default     = null

  validation {
    condition     = var.app_instance_type == null || can(regex("^[a-z0-9]+\\.[a-z0-9]+$", var.app_instance_type))
    error_message = "app_instance_type must look like t4g.nano"
  }
}

variable "spot" {
  description = "Run the hosts on Spot capacity: about half the price, and AWS may stop them with two minutes' notice."
  type        = bool
  default     = false
}

variable "root_volume_gb" {
  description = "Size of each host's root disk. Debian's image needs 8."
  type        = number
  default     = 8

  validation {
    condition     = var.root_volume_gb >= 8 && var.root_volume_gb <= 100 && floor(var.root_volume_gb) == var.root_volume_gb
    error_message = "root_volume_gb must be a whole number from 8 to 100"
  }
}

variable "data_volume_gb" {
  description = "Size of the data volume with database and uploads. It can grow in place, never shrink."
  type        = number
  default     = 4

  validation {
    condition     = var.data_volume_gb >= 1 && var.data_volume_gb <= 16000 && floor(var.data_volume_gb) == var.data_volume_gb
    error_message = "data_volume_gb must be a whole number from 1 to 16000"
  }
}

variable "availability_zone" {
  description = "Zone of hosts and data volume. Default: the first of the region. A change would replace the data volume, and is refused."
  type        = string
  default     = null
}

variable "ami_id" {
  description = "Image of the hosts. Default: the newest official Debian 13 for the architecture."
  type        = string
  default     = null

  validation {
    condition     = var.ami_id == null || can(regex("^ami-[0-9a-f]{8,17}$", var.ami_id))
    error_message = "ami_id must look like ami-0123456789abcdef0"
  }
}

variable "vpc_cidr" {
  description = "Private addresses of the network; a /16 to /24."
  type        = string
  default     = "10.77.0.0/16"

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && try(tonumber(split("/", var.vpc_cidr)[1]) >= 16 && tonumber(split("/", var.vpc_cidr)[1]) <= 24, false)
    error_message = "vpc_cidr must be an IPv4 network of /16 to /24, such as 10.77.0.0/16"
  }
}

variable "dns" {
  description = "new: make a Route 53 zone; existing: use one of this account; external: another provider, the records are an output."
  type        = string
  default     = "new"

  validation {
    condition     = contains(["new", "existing", "external"], var.dns)
    error_message = "dns must be new, existing or external"
  }
}

variable "zone_name" {
  description = "Name of the Route 53 zone. Default: the domain itself."
  type        = string
  default     = null

  validation {
    condition     = var.zone_name == null || var.domain == var.zone_name || endswith(var.domain, ".${coalesce(var.zone_name, "-")}")
    error_message = "zone_name must be the domain or one of its parents, otherwise the zone is not ours to write to"
  }
}

variable "zone_id" {
  description = "Id of an existing Route 53 zone, where its name alone is not clear."
  type        = string
  default     = null
}

variable "mail" {
  description = "Set up Amazon SES for the domain, with DKIM, SPF, DMARC and a MAIL FROM name of its own."
  type        = bool
  default     = true
}

variable "contact" {
  description = "Mail address of the owner: alarms, the certificate authority and DMARC reports write to it."
  type        = string

  validation {
    condition     = can(regex("^[^@\\s,;<>\"]+@[^@\\s,;<>\"]+\\.[^@\\s,;<>\"]+$", var.contact))
    error_message = "contact must be one mail address"
  }
}

variable "alarms" {
  description = "CloudWatch alarms and host recovery; they fit into the free tier of ten."
  type        = bool
  default     = true
}

variable "budget_usd" {
  description = "Write to the contact when the month's forecast passes this many dollars. Default: no budget."
  type        = number
  default     = null

  validation {
    condition     = var.budget_usd == null || coalesce(var.budget_usd, 0) > 0
    error_message = "budget_usd must be more than 0"
  }
}

variable "release" {
  description = "The program that the hosts run: its version, the SHA-256 of the file, and the file on this machine."
  type = object({
    version = string
    sha256  = string
    file    = string
  })

  validation {
    condition     = can(regex("^[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}$", var.release.version))
    error_message = "release.version must be a version such as 1.2.3"
  }

  validation {
    condition     = can(regex("^[0-9a-f]{64}$", var.release.sha256))
    error_message = "release.sha256 must be 64 hexadecimal digits"
  }

  validation {
    condition     = try(filesha256(var.release.file), "") == var.release.sha256
    error_message = "release.file is not there, or its SHA-256 is not release.sha256: nothing is uploaded"
  }
}

variable "link_secret" {
  description = "Secret by which edge and server prove themselves to each other (`tuskling edge secret`). Never stored in state or plan."
  type        = string
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = length(var.link_secret) >= 16
    error_message = "link_secret must have at least 16 letters; give it as TF_VAR_link_secret, never in a file"
  }
}

variable "link_secret_version" {
  description = "Raise it to hand over a new link_secret."
  type        = number
  default     = 1
}

variable "recovery_key" {
  description = "Password of the backups. Never stored in state or plan; without it no backup can be read."
  type        = string
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = length(var.recovery_key) >= 16
    error_message = "recovery_key must have at least 16 letters; give it as TF_VAR_recovery_key, never in a file"
  }
}

variable "recovery_key_version" {
  description = "Raise it to hand over a new recovery_key."
  type        = number
  default     = 1
}

variable "ssm_agent_version" {
  description = "Version of Amazon's agent for the shell by Session Manager, copied into the release bucket. null: no shell."
  type        = string
  default     = "3.3.3270.0"
  nullable    = true
}

variable "bucket_suffix" {
  description = "End of the bucket names, which are shared by all of AWS. Default: derived from domain and region."
  type        = string
  default     = null

  validation {
    condition     = var.bucket_suffix == null || can(regex("^[a-z0-9]{4,16}$", var.bucket_suffix))
    error_message = "bucket_suffix must be 4 to 16 lower-case letters or digits"
  }
}

variable "api" {
  description = "aws; custom: at an address of your own (AWS_ENDPOINT_URL), as with emulators; none: for a plan that asks nobody, which needs availability_zone and ami_id."
  type        = string
  default     = "aws"

  validation {
    condition     = contains(["aws", "custom", "none"], var.api)
    error_message = "api must be aws, custom or none"
  }
}
