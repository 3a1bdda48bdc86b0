//! Messages by the API of Amazon SES (version 2), signed with the role of the instance, so that no key
//! exists, or with an access key from the settings.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Method, header};
use net::aws::{self, Credentials, InstanceRole, Keys, Scope};
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use url::Url;

use super::Failure;
use crate::App;

/// Where messages are taken.
const PATH: &str = "v2/email/outbound-emails";

/// SES in one region.
pub(super) struct Ses {
    region: Region,
    endpoint: Option<Url>,
    credentials: Arc<dyn Credentials>,
}

enum Region {
    Named(String),
    /// The one that the instance runs in, asked for once.
    OfInstance(Arc<InstanceRole>, OnceCell<String>),
}

impl Ses {
    /// As the settings say; `secret` belongs to the access key in them.
    pub(super) fn new(settings: &config::Mail, secret: Option<String>) -> Result<Self, String> {
        let endpoint = settings.ses_endpoint.as_deref().map(Url::parse).transpose();
        let endpoint = endpoint.map_err(|error| format!("mail.ses_endpoint: {error}"))?;
        let role = Arc::new(InstanceRole::new().map_err(|error| error.to_string())?);
        let credentials: Arc<dyn Credentials> = match (&settings.ses_access_key_id, secret) {
            (Some(id), Some(secret)) => {
                Arc::new(Keys { id: id.clone(), secret, session_token: None })
            }
            _ => role.clone(),
        };
        let region = match settings.ses_region.as_str() {
            "" => Region::OfInstance(role, OnceCell::new()),
            named => Region::Named(named.to_owned()),
        };
        Ok(Self { region, endpoint, credentials })
    }

    pub(super) async fn send(
        &self,
        app: &App,
        from: &str,
        to: &str,
        message: &str,
    ) -> Result<(), Failure> {
        let later = |text: String| Failure::Later(format!("Amazon SES: {text}"));
        let region = self.region().await.map_err(later)?;
        let base = match &self.endpoint {
            Some(endpoint) => endpoint.clone(),
            None => Url::parse(&format!("https://email.{region}.amazonaws.com/"))
                .map_err(|error| later(error.to_string()))?,
        };
        let url = base.join(PATH).map_err(|error| later(error.to_string()))?;
        let body = json!({
            "FromEmailAddress": from,
            "Destination": { "ToAddresses": [to] },
            "Content": { "Raw": { "Data": STANDARD.encode(message) } },
        })
        .to_string();
        let keys = self.credentials.keys().await.map_err(later)?;
        let scope = Scope { region: &region, service: "ses" };
        let now = Duration::from_millis(app.now().0.unsigned_abs());
        let now = UNIX_EPOCH.checked_add(now).unwrap_or(UNIX_EPOCH);
        let signed = aws::headers(&keys, scope, now, &Method::POST, &url, body.as_bytes());
        let mut headers = signed.ok_or_else(|| later("the keys are no keys".into()))?;
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let answer = app.net.post(&url, headers, Bytes::from(body)).await;
        let answer = answer.map_err(|error| later(error.to_string()))?;
        if answer.status.is_success() {
            return Ok(());
        }
        let said = said(&answer.body);
        let kind = answer.headers.get("x-amzn-errortype").and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default().split(':').next().unwrap_or_default().to_owned();
        let text = format!("Amazon SES answered {} {kind}: {said}", answer.status.as_u16());
        // Of what is wrong with one message alone. Keys, limits and an address that is not verified are
        // the owner's to mend.
        let for_good = answer.status.as_u16() == 400 && kind == "BadRequestException";
        if for_good { Err(Failure::Refused(text)) } else { Err(Failure::Later(text)) }
    }

    async fn region(&self) -> Result<String, String> {
        match &self.region {
            Region::Named(region) => Ok(region.clone()),
            Region::OfInstance(role, found) => {
                found.get_or_try_init(|| role.region()).await.cloned()
            }
        }
    }
}

/// What SES says of a refusal.
fn said(body: &[u8]) -> String {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = value.get("message").or_else(|| value.get("Message")).and_then(Value::as_str);
    text.unwrap_or("without a reason").chars().filter(|c| !c.is_control()).take(300).collect()
}
