//! The library's requests, made by `net`: its limits, its certificate authorities, its guard.

use std::pin::Pin;

use bytes::Bytes;
use http::{Method, Request, Response, header};
use http_body_util::BodyExt as _;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use net::{Answer, Client, Get, NetError};
use url::Url;

/// Bytes of an answer: a directory or an order has a few thousand.
const MOST: usize = 64 * 1024;

/// `net` behind the library's interface.
pub(super) struct ByNet(pub(super) Client);

impl HttpClient for ByNet {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let client = self.0.clone();
        Box::pin(async move {
            let answer = ask(&client, request).await.map_err(|error| Error::Other(error.into()))?;
            let mut response = Response::new(());
            *response.status_mut() = answer.status;
            *response.headers_mut() = answer.headers;
            Ok(BytesResponse { parts: response.into_parts().0, body: Box::new(answer.body) })
        })
    }
}

async fn ask(client: &Client, request: Request<BodyWrapper<Bytes>>) -> Result<Answer, NetError> {
    let (mut head, body) = request.into_parts();
    let address = head.uri.to_string();
    let url = Url::parse(&address).map_err(|_| NetError::Refused(address))?;
    match head.method {
        Method::HEAD => client.head(&url).await,
        Method::GET => {
            let accept = "application/json";
            client.get(Get { url: &url, accept, most_bytes: MOST, signer: None, gate: None }).await
        }
        _ => {
            // `net` says who we are.
            head.headers.remove(header::USER_AGENT);
            let Ok(body) = body.collect().await;
            client.post(&url, head.headers, body.to_bytes()).await
        }
    }
}
