//! The keys of an instance's role, from a metadata service that is played here.

use std::sync::{Arc, Mutex};

use net::aws::{Credentials as _, InstanceRole};

use crate::support::{Peer, text};

#[tokio::test]
async fn keys_are_asked_for_with_a_token_and_kept_for_a_while() {
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = heard.clone();
    let peer = Peer::http("127.0.0.1", move |head| {
        noted.lock().unwrap().push(head.to_owned());
        let has_token = head.to_ascii_lowercase().contains("x-aws-ec2-metadata-token: t-1");
        let path = head.split(' ').nth(1).unwrap_or_default();
        match path {
            "/latest/api/token" if head.starts_with("PUT") => text("t-1"),
            _ if !has_token => b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n".to_vec(),
            "/latest/meta-data/placement/region" => text("eu-west-3"),
            "/latest/meta-data/iam/security-credentials/" => text("tuskling-app\n"),
            "/latest/meta-data/iam/security-credentials/tuskling-app" => text(
                r#"{"Code":"Success","AccessKeyId":"ASIA1","SecretAccessKey":"s","Token":"t","Expiration":"2030-01-01T00:00:00Z"}"#,
            ),
            _ => b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_vec(),
        }
    })
    .await;
    let role = InstanceRole::at(peer.address).unwrap();
    assert_eq!(role.region().await.unwrap(), "eu-west-3");
    let keys = role.keys().await.unwrap();
    assert_eq!((keys.id.as_str(), keys.session_token.as_deref()), ("ASIA1", Some("t")));
    let asked = heard.lock().unwrap().len();
    role.keys().await.unwrap();
    assert_eq!(heard.lock().unwrap().len(), asked, "kept");
    assert!(!format!("{keys:?}").contains("secret"), "V07");
}

#[tokio::test]
async fn an_instance_without_a_role_is_told_so() {
    let missing = |_: &str| b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_vec();
    let peer = Peer::http("127.0.0.1", missing).await;
    let error = InstanceRole::at(peer.address).unwrap().keys().await.unwrap_err();
    assert!(error.contains("404"), "{error}");
}
