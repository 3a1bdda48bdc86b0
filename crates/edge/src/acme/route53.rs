//! Challenges by DNS in a zone of Amazon Route 53: the only answers that prove a wildcard there.
//!
//! Asks for two things, through `net`: a change of one TXT record, and whether all its name servers
//! have taken it. Who may do that is said by [`Credentials`], which are passed in.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use net::aws::{self, Scope};
use net::{Answer, Client, Get, Sign};
use url::Url;

use super::{AcmeError, Changing, Dns, Environment};

pub use net::aws::{Credentials, Keys, LookingUp};

/// Route 53 has one address for the whole world and is signed for as in this region.
const ADDRESS: &str = "https://route53.amazonaws.com/";
const SCOPE: Scope<'static> = Scope { region: "us-east-1", service: "route53" };
/// Between two questions whether a change is everywhere, and how many are asked; AWS promises a
/// minute.
const PAUSE: Duration = Duration::from_secs(5);
const QUESTIONS: usize = 36;
/// Bytes of an answer.
const MOST: usize = 64 * 1024;

/// One zone.
pub struct Route53 {
    zone: String,
    base: Url,
    client: Client,
    credentials: Arc<dyn Credentials>,
    environment: Arc<dyn Environment>,
}

impl Route53 {
    /// The zone with this id, `Z0123456789ABC`, at `address` or, without one, at Route 53 itself.
    ///
    /// # Errors
    /// [`AcmeError::Settings`] when the id or the address cannot be one.
    pub fn new(
        zone: &str,
        address: Option<&str>,
        client: Client,
        credentials: Arc<dyn Credentials>,
        environment: Arc<dyn Environment>,
    ) -> Result<Self, AcmeError> {
        let zone = zone.strip_prefix("/hostedzone/").unwrap_or(zone);
        let is_id = (1..=32).contains(&zone.len());
        if !is_id || !zone.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(AcmeError::Settings(format!("{zone:?} is no id of a hosted zone")));
        }
        let address = address.unwrap_or(ADDRESS);
        let base = Url::parse(address)
            .map_err(|error| AcmeError::Settings(format!("{address:?}: {error}")))?;
        Ok(Self { zone: zone.to_owned(), base, client, credentials, environment })
    }

    /// Changes the record and gives the id of the change.
    async fn change(&self, action: &str, name: &str, value: &str) -> Result<String, String> {
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
             <ChangeResourceRecordSetsRequest \
             xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ChangeBatch><Changes><Change>\
             <Action>{action}</Action><ResourceRecordSet><Name>{name}</Name><Type>TXT</Type>\
             <TTL>60</TTL><ResourceRecords><ResourceRecord><Value>\"{value}\"</Value>\
             </ResourceRecord></ResourceRecords></ResourceRecordSet></Change></Changes>\
             </ChangeBatch></ChangeResourceRecordSetsRequest>"
        );
        let url = self.url(&format!("2013-04-01/hostedzone/{}/rrset", self.zone))?;
        let signer = self.signer(Bytes::from(body.clone())).await?;
        let mut headers = signer.headers(&Method::POST, &url);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml"));
        let answer = self.client.post(&url, headers, body.into()).await;
        let text = understood(answer.map_err(|error| error.to_string())?)?;
        let id = between(&text, "<Id>", "</Id>").ok_or("Route 53 did not name its change")?;
        Ok(id.trim_start_matches("/change/").to_owned())
    }

    /// Ends when every name server of the zone answers with the change.
    async fn arrive(&self, id: &str) -> Result<(), String> {
        if !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err("Route 53 named its change strangely".into());
        }
        let url = self.url(&format!("2013-04-01/change/{id}"))?;
        for _ in 0..QUESTIONS {
            let signer = self.signer(Bytes::new()).await?;
            let get = Get {
                url: &url,
                accept: "*/*",
                most_bytes: MOST,
                signer: Some(&signer),
                gate: None,
            };
            let answer = self.client.get(get).await.map_err(|error| error.to_string())?;
            let text = understood(answer)?;
            if between(&text, "<Status>", "</Status>") == Some("INSYNC") {
                return Ok(());
            }
            self.environment.pause(PAUSE).await;
        }
        Err(format!("the change {id} did not reach all name servers in time"))
    }

    fn url(&self, path: &str) -> Result<Url, String> {
        self.base.join(path).map_err(|error| error.to_string())
    }

    async fn signer(&self, body: Bytes) -> Result<Signer<'_>, String> {
        let keys = self.credentials.keys().await;
        let keys = keys.map_err(|error| format!("there are no keys for Route 53: {error}"))?;
        Ok(Signer { keys, body, environment: &*self.environment })
    }
}

impl fmt::Debug for Route53 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Route53").field("zone", &self.zone).finish_non_exhaustive()
    }
}

impl Dns for Route53 {
    fn add<'d>(&'d self, name: &'d str, value: &'d str) -> Changing<'d> {
        Box::pin(async move {
            let id = self.change("UPSERT", name, value).await?;
            self.arrive(&id).await
        })
    }

    fn remove<'d>(&'d self, name: &'d str, value: &'d str) -> Changing<'d> {
        Box::pin(async move { self.change("DELETE", name, value).await.map(|_| ()) })
    }
}

struct Signer<'s> {
    keys: Keys,
    body: Bytes,
    environment: &'s dyn Environment,
}

impl Sign for Signer<'_> {
    fn headers(&self, method: &Method, url: &Url) -> HeaderMap {
        let now = self.environment.now();
        // Without a signature the answer says what is missing.
        aws::headers(&self.keys, SCOPE, now, method, url, &self.body).unwrap_or_default()
    }
}

/// The text of a good answer; of a bad one, what Route 53 says about it.
fn understood(answer: Answer) -> Result<String, String> {
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    if answer.status == StatusCode::OK {
        return Ok(text);
    }
    let said = between(&text, "<Message>", "</Message>").unwrap_or("without a reason");
    let said: String = said.chars().filter(|letter| !letter.is_control()).take(300).collect();
    Err(format!("Route 53 answered {}: {said}", answer.status.as_u16()))
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found.trim())
}
