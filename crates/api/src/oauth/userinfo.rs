//! `/oauth/userinfo`: who a token belongs to, in the words of OpenID Connect.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::Shared;
use crate::caller::User;

/// <https://docs.joinmastodon.org/methods/oauth/#userinfo>
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct UserInfo {
    iss: String,
    sub: String,
    name: String,
    preferred_username: String,
    profile: String,
    picture: String,
}

pub(super) async fn show(State(app): State<Shared>, User(me): User) -> Json<UserInfo> {
    let account = &me.account;
    let picture = account.avatar.as_deref().map(|key| app.urls.file(key));
    Json(UserInfo {
        iss: format!("{}/", app.urls.base),
        sub: app.urls.actor(account),
        name: account.display_name.clone(),
        preferred_username: account.username.clone(),
        profile: app.urls.profile(account),
        picture: picture.unwrap_or_else(|| format!("{}/assets/avatar.png", app.urls.base)),
    })
}
