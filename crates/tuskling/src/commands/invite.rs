//! `tuskling invite …`: works on the data, whether `serve` runs or not.

use std::sync::Arc;

use anyhow::bail;
use app::App;
use app::access::{self, Terms};
use domain::Timestamp;

use crate::cli::{Data, Invite};
use crate::commands::say;
use crate::context;

/// Runs the verb.
///
/// # Errors
/// In words for the person at the terminal.
pub async fn run(config: config::Config, verb: Invite) -> anyhow::Result<()> {
    match verb {
        Invite::Create { uses, days, data } => {
            let app = open(config, &data).await?;
            let made = access::invite(&app, None, Terms { most_uses: uses, days }).await?;
            say(&access::invite_address(&app, &made));
            app.store.close().await;
        }
        Invite::List { json, data } => list(&*open(config, &data).await?, json).await?,
        Invite::Remove { code, data } => {
            let app = open(config, &data).await?;
            match access::withdraw_invite(&app, code.clone()).await {
                Ok(()) => say(&format!("{code} lets nobody in any more.")),
                Err(app::AppError::NotFound) => {
                    bail!("there is no invite {code:?}; `tuskling invite list` shows them")
                }
                Err(error) => return Err(error.into()),
            }
            app.store.close().await;
        }
    }
    Ok(())
}

async fn open(mut config: config::Config, data: &Data) -> anyhow::Result<Arc<App>> {
    context::apply_data(&mut config, data);
    context::open_for_command(config).await
}

async fn list(app: &App, json: bool) -> anyhow::Result<()> {
    let found = access::invitations(app).await?;
    if json {
        let list: Vec<serde_json::Value> = found
            .iter()
            .map(|invite| {
                serde_json::json!({
                    "code": invite.code,
                    "url": access::invite_address(app, invite),
                    "uses": invite.uses,
                    "max_uses": invite.most_uses,
                    "expires_at": invite.expires_at.map(Timestamp::rfc3339),
                    "created_at": invite.created_at.rfc3339(),
                })
            })
            .collect();
        say(&serde_json::to_string_pretty(&list)?);
        return Ok(());
    }
    for invite in found {
        let most =
            invite.most_uses.map_or_else(|| "any number".to_owned(), |most| most.to_string());
        let end = invite.expires_at.map_or_else(|| "never ends".to_owned(), Timestamp::rfc3339);
        say(&format!("{}  {} of {most}  {end}", access::invite_address(app, &invite), invite.uses));
    }
    Ok(())
}
