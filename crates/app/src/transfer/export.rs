//! Writing somebody's lists.

use domain::AccountId;
use domain::account::Account;

use super::Transfer;
use crate::relations::{self, Circle};
use crate::statuses::{self, Mark};
use crate::{App, Listed, Page, Result, domain_blocks};

/// Entries read at once.
const AT_ONCE: i64 = 500;
/// Most entries of a file.
const MOST: usize = 50_000;

/// The file of one of somebody's lists.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn export(app: &App, me: AccountId, what: Transfer) -> Result<String> {
    let mut file = match what {
        Transfer::Following => {
            "Account address,Show boosts,Notify on new posts,Languages\n".to_owned()
        }
        Transfer::Mutes => "Account address,Hide notifications\n".to_owned(),
        Transfer::Blocks | Transfer::DomainBlocks | Transfer::Bookmarks => String::new(),
    };
    let (mut page, mut written) = (Page::newest(AT_ONCE), 0);
    while written < MOST {
        let lines = lines(app, me, what, page).await?;
        for (_, line) in &lines {
            file.push_str(line);
            file.push('\n');
        }
        written += lines.len();
        match lines.last() {
            Some((cursor, _)) if i64::try_from(lines.len()).is_ok_and(|n| n >= AT_ONCE) => {
                page.below = *cursor;
            }
            _ => break,
        }
    }
    Ok(file)
}

/// Lines with their cursors.
async fn lines(app: &App, me: AccountId, what: Transfer, page: Page) -> Result<Vec<(i64, String)>> {
    let handle = |account: &Account| match &account.domain {
        Some(domain) => format!("{}@{domain}", account.username),
        None => format!("{}@{}", account.username, app.urls.domain),
    };
    let circle = |which| relations::circle(app, me, which, Some(me), page);
    let of_accounts = |listed: Vec<Listed<Account>>, tail: &str| {
        listed
            .iter()
            .map(|entry| (entry.cursor, format!("{}{tail}", handle(&entry.item))))
            .collect()
    };
    Ok(match what {
        Transfer::Following => {
            let listed = circle(Circle::Following).await?;
            let ids = listed.iter().map(|entry| entry.item.id).collect();
            let known = relations::relationships(app, me, ids).await?;
            let line = |entry: &Listed<Account>| {
                let found = known.iter().find(|(id, _)| *id == entry.item.id);
                let options = found.and_then(|(_, relation)| relation.following.clone());
                let (boosts, notify, languages) = options
                    .map_or((true, false, Vec::new()), |options| {
                        (options.show_boosts, options.notify, options.languages)
                    });
                let languages = languages.join(" ");
                let line = format!("{},{boosts},{notify},{languages}", handle(&entry.item));
                (entry.cursor, line)
            };
            listed.iter().map(line).collect()
        }
        Transfer::Mutes => of_accounts(circle(Circle::Mutes).await?, ",true"),
        Transfer::Blocks => of_accounts(circle(Circle::Blocks).await?, ""),
        Transfer::DomainBlocks => domain_blocks::list(app, me, page)
            .await?
            .into_iter()
            .map(|entry| (entry.cursor, entry.item))
            .collect(),
        Transfer::Bookmarks => statuses::marked(app, me, Mark::Bookmark, page)
            .await?
            .iter()
            .map(|entry| {
                let view = &entry.item;
                (entry.cursor, app.urls.status_uri(&view.status, &view.author))
            })
            .collect(),
    })
}
