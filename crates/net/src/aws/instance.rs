//! The role of the instance that this runs on, from its metadata service (IMDSv2): nobody has to make
//! or keep a key.
//!
//! This is the only code that may reach the metadata address, and it can reach nothing else (L05).

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::{Credentials, Keys, LookingUp};
use crate::exchange::Exchanger;
use crate::guard::Guard;
use crate::{NetError, Settings};

/// Where every instance finds its metadata.
const ADDRESS: SocketAddr =
    SocketAddr::V4(std::net::SocketAddrV4::new(std::net::Ipv4Addr::new(169, 254, 169, 254), 80));
/// Bytes of an answer.
const MOST: usize = 16 * 1024;
/// How long keys are used before the service is asked again; it gives none that end sooner.
const KEPT: Duration = Duration::from_secs(60);

/// Asks for the keys of the instance's role.
pub struct InstanceRole {
    exchanger: Exchanger,
    base: Url,
    kept: Mutex<Option<(Keys, Instant)>>,
}

impl InstanceRole {
    /// At the metadata service of this instance.
    ///
    /// # Errors
    /// [`NetError`] when no client can be made.
    pub fn new() -> Result<Self, NetError> {
        Self::at(ADDRESS)
    }

    /// At another address, which a test plays the service on.
    ///
    /// # Errors
    /// As [`InstanceRole::new`].
    pub fn at(address: SocketAddr) -> Result<Self, NetError> {
        // No TLS is spoken with it, so it needs no authorities.
        let settings =
            Settings { user_agent: "tuskling".into(), is_local: true, ..Settings::default() };
        let base = Url::parse(&format!("http://{address}/latest/"))
            .map_err(|error| NetError::Refused(error.to_string()))?;
        let exchanger = Exchanger::guarded(&settings, Guard::only(address))?;
        Ok(Self { exchanger, base, kept: Mutex::new(None) })
    }

    /// The region that the instance runs in.
    ///
    /// # Errors
    /// The text says what the service answered.
    pub async fn region(&self) -> Result<String, String> {
        let token = self.token().await?;
        let region = self.read("meta-data/placement/region", &token).await?;
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if region.is_empty() || region.len() > 40 || !region.bytes().all(plain) {
            return Err("the metadata service names no region".into());
        }
        Ok(region)
    }

    async fn fresh(&self) -> Result<Keys, String> {
        let token = self.token().await?;
        const ROLES: &str = "meta-data/iam/security-credentials/";
        let roles = self.read(ROLES, &token).await?;
        let role = roles.lines().next().map(str::trim).filter(|role| is_role(role));
        let role = role.ok_or("this instance has no role; give it one, or set an access key")?;
        let text = self.read(&format!("{ROLES}{role}"), &token).await?;
        let given: Given = serde_json::from_str(&text)
            .map_err(|_| "the metadata service gives keys in an unknown form".to_owned())?;
        Ok(Keys {
            id: given.access_key_id,
            secret: given.secret_access_key,
            session_token: Some(given.token),
        })
    }

    /// What every question has to carry, so that nobody asks through a naive proxy.
    async fn token(&self) -> Result<String, String> {
        let url = self.url("api/token")?;
        let life = (
            HeaderName::from_static("x-aws-ec2-metadata-token-ttl-seconds"),
            HeaderValue::from_static("300"),
        );
        self.ask(Method::PUT, &url, HeaderMap::from_iter([life])).await
    }

    async fn read(&self, path: &str, token: &str) -> Result<String, String> {
        let url = self.url(path)?;
        let mut token = HeaderValue::from_str(token)
            .map_err(|_| "the metadata service gave an odd token".to_owned())?;
        token.set_sensitive(true);
        let token = (HeaderName::from_static("x-aws-ec2-metadata-token"), token);
        self.ask(Method::GET, &url, HeaderMap::from_iter([token])).await
    }

    async fn ask(&self, method: Method, url: &Url, headers: HeaderMap) -> Result<String, String> {
        let opened = self.exchanger.open(method, url, headers, Bytes::new()).await;
        let opened = opened.map_err(|error| error.to_string())?;
        let (status, _, body) = opened.read(MOST).await.map_err(|error| error.to_string())?;
        if status != StatusCode::OK {
            return Err(format!("the metadata service answered {}", status.as_u16()));
        }
        Ok(String::from_utf8_lossy(&body).trim().to_owned())
    }

    fn url(&self, path: &str) -> Result<Url, String> {
        self.base.join(path).map_err(|error| error.to_string())
    }
}

impl std::fmt::Debug for InstanceRole {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("InstanceRole").finish_non_exhaustive()
    }
}

impl Credentials for InstanceRole {
    fn keys(&self) -> LookingUp<'_> {
        Box::pin(async move {
            let mut kept = self.kept.lock().await;
            if let Some((keys, since)) = kept.as_ref()
                && since.elapsed() < KEPT
            {
                return Ok(keys.clone());
            }
            let fresh = self.fresh().await?;
            *kept = Some((fresh.clone(), Instant::now()));
            Ok(fresh)
        })
    }
}

/// The letters of a role's name.
fn is_role(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    access_key_id: String,
    secret_access_key: String,
    token: String,
}
