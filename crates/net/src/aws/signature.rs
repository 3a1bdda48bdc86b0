//! Signatures of requests to AWS (Signature Version 4, by headers): pure.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::{digest, hmac};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use url::Url;

use super::Keys;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Which service is asked, and where.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'s> {
    /// The region, `eu-west-3`.
    pub region: &'s str,
    /// The service's name in signatures, `route53`.
    pub service: &'s str,
}

/// The headers that prove a request. The address has no query; its path is escaped as AWS wants it:
/// letters, digits and `-._~` stand for themselves. `None` for keys that no header can carry.
#[must_use]
pub fn headers(
    keys: &Keys,
    scope: Scope<'_>,
    now: SystemTime,
    method: &Method,
    url: &Url,
    body: &[u8],
) -> Option<HeaderMap> {
    let time = written(now);
    let date = time.get(..8)?;
    let host = match url.port() {
        Some(port) => format!("{}:{port}", url.host_str()?),
        None => url.host_str()?.to_owned(),
    };
    let digest = hash(body);
    let mut signed = vec![("host", host.as_str())];
    if scope.service == "s3" {
        // S3 alone wants it said as well as signed.
        signed.push(("x-amz-content-sha256", &digest));
    }
    signed.push(("x-amz-date", &time));
    if let Some(token) = &keys.session_token {
        signed.push(("x-amz-security-token", token));
    }
    let names: Vec<&str> = signed.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let lines: String = signed.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let request = format!("{method}\n{}\n\n{lines}\n{names}\n{}", url.path(), digest);
    let Scope { region, service } = scope;
    let scope = format!("{date}/{region}/{service}/aws4_request");
    let text = format!("{ALGORITHM}\n{time}\n{scope}\n{}", hash(request.as_bytes()));
    let first = format!("AWS4{}", keys.secret);
    let key = [date, region, service, "aws4_request"]
        .into_iter()
        .fold(first.into_bytes(), |key, part| sign(&key, part));
    let signature = hex(&sign(&key, &text));
    let proof = format!(
        "{ALGORITHM} Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
        keys.id
    );
    let mut headers = HeaderMap::new();
    for (name, value) in signed.into_iter().skip(1) {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).ok()?);
    }
    let mut proof = HeaderValue::from_str(&proof).ok()?;
    proof.set_sensitive(true);
    headers.insert(header::AUTHORIZATION, proof);
    Some(headers)
}

fn sign(key: &[u8], text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

fn hash(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `20150830T123600Z`: the days since 1970 as a date of the Gregorian calendar, counted from March
/// so that the leap day is the last of its year.
fn written(moment: SystemTime) -> String {
    let seconds = moment.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (days, rest) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let leaps = day_of_era / 1_460 + day_of_era / 146_096 - day_of_era / 36_524;
    let year_of_era = (day_of_era - leaps) / 365;
    let day_of_year = day_of_era + year_of_era / 100 - 365 * year_of_era - year_of_era / 4;
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (rest / 3_600, rest % 3_600 / 60, rest % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    /// `get-vanilla` of the test suite that AWS published for this signature.
    #[test]
    fn a_signature_is_the_one_of_the_published_example() {
        let keys = Keys {
            id: "AKIDEXAMPLE".into(),
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            session_token: None,
        };
        let scope = Scope { region: "us-east-1", service: "service" };
        let url = "https://example.amazonaws.com/".parse().unwrap();
        let made = headers(&keys, scope, at(1_440_938_160), &Method::GET, &url, b"").unwrap();
        assert_eq!(made["x-amz-date"], "20150830T123600Z");
        assert_eq!(
            made[header::AUTHORIZATION],
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, \
             Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        );
    }

    #[test]
    fn a_token_of_a_role_is_signed_as_well() {
        let keys = Keys { id: "A".into(), secret: "s".into(), session_token: Some("token".into()) };
        let scope = Scope { region: "us-east-1", service: "route53" };
        let url = "https://127.0.0.1:4430/x".parse().unwrap();
        let made = headers(&keys, scope, at(0), &Method::POST, &url, b"x").unwrap();
        assert_eq!(made["x-amz-security-token"], "token");
        let proof = made[header::AUTHORIZATION].to_str().unwrap();
        assert!(proof.contains("SignedHeaders=host;x-amz-date;x-amz-security-token,"), "{proof}");
    }

    #[test]
    fn times_are_written_as_dates() {
        let cases = [
            (0, "19700101T000000Z"),
            (951_782_399, "20000228T235959Z"),
            (951_782_400, "20000229T000000Z"),
            (951_868_800, "20000301T000000Z"),
            (1_709_164_800, "20240229T000000Z"),
            (4_107_542_400, "21000301T000000Z"),
            (1_798_761_599, "20261231T235959Z"),
        ];
        for (seconds, text) in cases {
            assert_eq!(written(at(seconds)), text);
        }
    }
}
