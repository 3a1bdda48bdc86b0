//! What Terraform and AWS say, in words for the person: what happened, why, what to do next. Pure.
use anyhow::anyhow;

/// Signs in an error, what they mean, and what to do. The first that fits counts.
const KNOWN: &[(&[&str], &str)] = &[
    (
        &[
            "No valid credential sources",
            "failed to refresh cached credentials",
            "NoCredentialProviders",
            "no EC2 IMDS role found",
        ],
        "there are no AWS credentials. Sign in (`aws sso login` or `aws configure`), or set AWS_PROFILE or AWS_ACCESS_KEY_ID and \
         AWS_SECRET_ACCESS_KEY; then run the same command again.",
    ),
    (
        &["ExpiredToken", "RequestExpired", "token has expired", "TokenRefreshRequired"],
        "the AWS credentials have expired. Sign in again, then run the same command: it goes on where it was.",
    ),
    (
        &[
            "InvalidClientTokenId",
            "SignatureDoesNotMatch",
            "AuthFailure",
            "InvalidAccessKeyId",
            "UnrecognizedClient",
        ],
        "AWS does not know these credentials, or they are not for this region. Check AWS_PROFILE or the keys, and whether the \
         region is enabled for the account.",
    ),
    (
        &["BucketAlreadyExists", "BucketAlreadyOwnedByYou"],
        "the name of a bucket is taken: bucket names are shared by all of AWS. Set deploy.bucket_suffix in tuskling.toml to letters \
         of your own and run the same command again.",
    ),
    (
        &[
            "VcpuLimitExceeded",
            "AddressLimitExceeded",
            "VpcLimitExceeded",
            "InstanceLimitExceeded",
            "MaxSpotInstanceCountExceeded",
            "LimitExceeded",
        ],
        "a quota of the account is used up. Ask for more in the AWS console under Service Quotas (or remove what is not needed), \
         then run the same command again.",
    ),
    (
        &["InsufficientInstanceCapacity", "Unsupported: Your requested instance type"],
        "AWS has none of these hosts in this zone at the moment. Wait, set deploy.spot = false, or choose another instance type.",
    ),
    (
        &["Error acquiring the state lock", "PreconditionFailed"],
        "another run holds the state, or one was interrupted hard. If no other run is under way, run the same command with \
         --unlock and the ID above.",
    ),
    (
        &[
            "AccessDenied",
            "UnauthorizedOperation",
            "is not authorized to perform",
            "AuthorizationError",
            "OptInRequired",
            "StatusCode: 403",
        ],
        "these AWS credentials may not do that. The message above names the action; an administrator of the account can allow it. \
         Nothing that was there is changed; run the same command again afterwards.",
    ),
    (
        &[
            "no matching Route 53 Hosted Zone found",
            "NoSuchHostedZone",
            "multiple Route 53 Hosted Zones",
        ],
        "this account has no Route 53 zone for the domain, or several. Set deploy.zone_id or deploy.zone_name, or deploy.dns = \"new\", \
         or \"external\" when the domain's records are kept elsewhere.",
    ),
    (
        &["Your query returned no results", "InvalidAMIID"],
        "there is no such image of the operating system in this region. Check deploy.region and deploy.ami_id.",
    ),
    (
        &[
            "Failed to query available provider packages",
            "Could not retrieve the list of available versions",
            "could not connect to registry",
            "Failed to install provider",
        ],
        "Terraform cannot get its AWS provider. Check the network, or name a folder that has it in TUSKLING_TF_PLUGINS.",
    ),
    (
        &["no such host", "connection refused", "dial tcp", "i/o timeout", "request send failed"],
        "AWS cannot be reached. Check the network, deploy.region, and AWS_ENDPOINT_URL if it is set.",
    ),
    (
        &[
            "InvalidZone",
            "InvalidAvailabilityZone",
            "Invalid value for region",
            "Invalid AWS Region",
            "invalid AWS Region",
        ],
        "AWS has no such region or zone. Check deploy.region and deploy.availability_zone.",
    ),
];

/// An error of Terraform as one of ours: what it said, and what to do.
#[must_use]
pub fn explain(said: &str) -> anyhow::Error {
    let said = said.trim();
    if said.contains("Instance cannot be destroyed") {
        return protected(said);
    }
    let known = KNOWN.iter().find(|(signs, _)| signs.iter().any(|sign| said.contains(sign)));
    match known {
        Some((_, advice)) => anyhow!("{said}\n\nThat means: {advice}"),
        None => anyhow!(
            "{said}\n\nNothing is half-made for good: mend the cause and run the same command again."
        ),
    }
}

/// Terraform was to remove or replace what outlives everything else.
fn protected(said: &str) -> anyhow::Error {
    let what = [
        ("aws_ebs_volume.data", "the data volume, with the database and the uploads on it"),
        ("aws_eip.edge", "the public address"),
        ("aws_s3_bucket.", "a bucket"),
        ("aws_route53_zone", "the DNS zone"),
    ];
    let name = what
        .iter()
        .find(|(sign, _)| said.contains(sign))
        .map_or("something protected", |(_, words)| words);
    anyhow!(
        "Refused: this would remove or replace {name}. Nothing is changed.\n\nA change of deploy.availability_zone, deploy.region, \
         deploy.domain, deploy.dns or deploy.bucket_suffix does that: put the old value back. To move an instance, see \
         docs/OPERATIONS.md, \"Moving\"."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_to_do() {
        for (said, part) in [
            ("Error: No valid credential sources found", "aws sso login"),
            (
                "api error ExpiredToken: The security token included in the request is expired",
                "Sign in again",
            ),
            ("api error UnauthorizedOperation: You are not authorized", "administrator"),
            ("api error BucketAlreadyExists", "bucket_suffix"),
            ("api error VcpuLimitExceeded", "Service Quotas"),
            ("no matching Route 53 Hosted Zone found", "deploy.zone_id"),
            ("Error acquiring the state lock ID: abc", "--unlock"),
            ("something new", "same command again"),
            ("Instance cannot be destroyed\n Resource aws_ebs_volume.data has", "the data volume"),
        ] {
            let error = explain(said).to_string();
            assert!(error.contains(part), "{said}: {error}");
        }
    }
}
