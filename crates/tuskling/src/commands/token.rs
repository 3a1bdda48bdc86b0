//! `tuskling token create`

use anyhow::Context as _;
use domain::scope::Scopes;

use crate::cli::Token;
use crate::commands::say;
use crate::context;

/// Runs the verb: prints the token alone on stdout.
///
/// # Errors
/// When there is no such account or scope.
pub async fn run(mut config: config::Config, verb: Token) -> anyhow::Result<()> {
    let Token::Create { name, scopes, data } = verb;
    context::apply_data(&mut config, &data);
    let scopes = Scopes::parse(&scopes).context("--scopes")?;
    let app = context::open_for_command(config).await?;
    let account = app::accounts::local_by_name(&app, &name).await?.with_context(|| {
        format!("there is no account {name:?} here; `tuskling account list` shows them")
    })?;
    let new = app::access::create_token(&app, Some(account.id), None, scopes).await?;
    say(new.secret.reveal());
    app.store.close().await;
    Ok(())
}
