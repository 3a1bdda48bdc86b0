//! `/api/v1/preferences`

use axum::Json;
use serde_json::{Value, json};

use crate::caller::User;
use crate::routes::{Access, Route, get};

pub(crate) fn routes() -> Vec<Route> {
    vec![get("/api/v1/preferences", Access::User(&["read:accounts"]), show)]
}

async fn show(User(me): User) -> Json<Value> {
    Json(json!({
        "posting:default:visibility": me.user.default_visibility.name(),
        "posting:default:sensitive": me.user.default_sensitive,
        "posting:default:language": me.user.default_language,
        "posting:default:quote_policy": me.user.default_quote_policy,
        "posting:default:content_type": me.user.default_format.mime(),
        "reading:expand:media": "default",
        "reading:expand:spoilers": false,
        "reading:autoplay:gifs": false,
    }))
}
