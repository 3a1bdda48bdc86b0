//! Who asks AWS: a key from the settings, or the role of the instance.

use std::net::SocketAddr;
use std::sync::Arc;

use net::NetError;
use net::aws::{Credentials, InstanceRole, Keys};
use url::Url;

/// Names another address of the metadata service, as object stores know it too: for tests.
const METADATA: &str = "AWS_METADATA_ENDPOINT";

/// Where keys come from: these, or else the role of this instance.
///
/// # Errors
/// [`NetError`] when no client of the metadata service can be made.
pub fn credentials(keys: Option<(String, String)>) -> Result<Arc<dyn Credentials>, NetError> {
    if let Some((id, secret)) = keys {
        return Ok(Arc::new(Keys { id, secret, session_token: None }));
    }
    let Ok(text) = std::env::var(METADATA) else { return Ok(Arc::new(InstanceRole::new()?)) };
    let odd = || NetError::Refused(format!("{METADATA}={text} is no http://ADDRESS:PORT"));
    let url = Url::parse(&text).map_err(|_| odd())?;
    let (host, port) = (url.host_str().ok_or_else(odd)?, url.port_or_known_default());
    let host = host.parse::<std::net::IpAddr>().ok();
    let address = host.zip(port).ok_or_else(odd)?;
    Ok(Arc::new(InstanceRole::at(SocketAddr::from(address))?))
}
