//! A server on a real socket, with a worker that runs jobs when told.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use store::Store;
use testkit::{Server, Talk};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use futures_util::{SinkExt, StreamExt};

pub struct Place {
    pub server: Server,
    pub talk: Talk,
    pub address: SocketAddr,
}

impl Place {
    pub async fn on(store: Store) -> Self {
        Self::with(store, |_| {}).await
    }

    pub async fn with(store: Store, change: impl FnOnce(&mut config::Config)) -> Self {
        let server = Server::with(store, change);
        let router = api::router(server.app.clone())
            .layer(axum::middleware::from_fn_with_state(server.app.clone(), api::frame));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = router.clone().into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        server.relay_events().await;
        Self { talk: Talk::to(router), server, address }
    }

    pub async fn user(&self, name: &str, scopes: &str) -> (domain::AccountId, String) {
        let account = self.server.account(name).await;
        (account.id, self.server.token(account.id, scopes).await)
    }

    /// Posts and distributes; the id of the status.
    pub async fn post(&self, token: &str, form: &str) -> String {
        let answer = self.talk.post("/api/v1/statuses", token, form).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        self.work().await;
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    pub async fn work(&self) {
        app::jobs::run_all(&self.server.app).await.unwrap();
    }

    pub async fn ws(&self, query: &str) -> Socket {
        self.try_ws(query).await.unwrap()
    }

    pub async fn try_ws(&self, query: &str) -> Result<Socket, Error> {
        let url = format!("ws://{}/api/v1/streaming?{query}", self.address);
        connect_async(url).await.map(|(socket, _)| Socket(socket))
    }

    /// With the token as protocol, as browsers do.
    pub async fn ws_by_protocol(&self, token: &str) -> (Socket, String) {
        let url = format!("ws://{}/api/v1/streaming", self.address);
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", token.parse().unwrap());
        let (socket, response) = connect_async(request).await.unwrap();
        let echoed = response.headers()["sec-websocket-protocol"].to_str().unwrap().to_owned();
        (Socket(socket), echoed)
    }
}

pub struct Socket(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub async fn say(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    /// The next message, pings passed over.
    pub async fn message(&mut self) -> Message {
        loop {
            let wait = tokio::time::timeout(Duration::from_secs(5), self.0.next());
            match wait.await.expect("a message comes").unwrap().unwrap() {
                Message::Ping(_) | Message::Pong(_) => {}
                message => return message,
            }
        }
    }

    pub async fn json(&mut self) -> Value {
        let message = self.message().await;
        serde_json::from_str(message.to_text().unwrap()).expect("JSON")
    }

    /// The next frame as stream, event and payload.
    pub async fn frame(&mut self) -> (Vec<String>, String, String) {
        let value = self.json().await;
        let stream = serde_json::from_value(value["stream"].clone()).unwrap();
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        (stream, text("event"), text("payload"))
    }

    /// The code it is closed with.
    pub async fn closed(&mut self) -> u16 {
        match self.message().await {
            Message::Close(Some(frame)) => frame.code.into(),
            other => panic!("not closed but {other:?}"),
        }
    }

    /// Makes sure that everything said before has been heard.
    pub async fn settle(&mut self) {
        self.say("{\"type\":\"nonsense\"}").await;
        assert_eq!(self.json().await["status"], 400);
    }
}
