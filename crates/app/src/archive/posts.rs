//! Bringing one's own old posts, with their dates and media, out of the archive of another account. They
//! stand where they belong in time; nobody is told of them, here or elsewhere. What was brought once
//! is not brought again, so that an import that was cut off goes on where it was.

use std::path::Path;
use std::sync::Arc;

use activitypub::parse::{self, archive};
use activitypub::{Activity, Actor, Note, Object, Verb};
use domain::account::Account;
use domain::media::Media;
use domain::status::{Format, Parts, Status, Visibility};
use domain::text::{fold_tag, plain};
use domain::{StatusId, TagId};
use store::{Conn, accounts, archives, statuses};

use super::make::in_background;
use super::unpack::{Extent, Unpacked, unpack};
use crate::uploads::Kept;
use crate::{App, AppError, Result, remote, uploads};

/// Posts that are read ahead.
const AHEAD: usize = 16;
/// Problems that are told one by one.
const TOLD: usize = 50;
/// Largest profile of an archive.
const PROFILE: u64 = 1_024 * 1_024;

/// How an archive is brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Import {
    /// Everything is looked at and nothing written.
    DryRun,
    /// It is done.
    Real,
}

/// What became of an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    /// The account it is of.
    pub from: String,
    /// Posts that were brought, or would be.
    pub posts: u64,
    /// Their files.
    pub media: u64,
    /// Posts that were brought before.
    pub already: u64,
    /// Messages to single people, which stay with them.
    pub direct: u64,
    /// Boosts and whatever else is no post of this account.
    pub others: u64,
    /// Files that are not in the archive, or could not be read.
    pub lost_media: u64,
    /// Entries that could not be read.
    pub wrong: u64,
    /// What was wrong, the first of it.
    pub problems: Vec<String>,
}

impl Brought {
    fn problem(&mut self, what: String) {
        if self.problems.len() < TOLD {
            self.problems.push(what);
        }
    }
}

/// Brings the posts of an archive to a local account. `progress` is called after each entry.
///
/// # Errors
/// [`AppError::Invalid`] when it is no archive of an account, [`AppError::Store`] and
/// [`AppError::Internal`] of this machine: what was brought until then stays.
pub async fn bring_posts(
    app: &Arc<App>,
    account: &Account,
    file: &Path,
    import: Import,
    progress: &(dyn Fn(&Brought) + Sync),
) -> Result<Brought> {
    let folder = app.processor.workspace().await;
    let folder = folder.map_err(|error| AppError::Internal(error.to_string()))?;
    let (from, to) = (file.to_owned(), folder.path().to_owned());
    let extent = if import == Import::Real { Extent::All } else { Extent::Lists };
    let unpacked = tokio::task::spawn_blocking(move || unpack(&from, &to, extent))
        .await
        .map_err(|error| AppError::Internal(error.to_string()))?
        .map_err(|error| AppError::invalid(format!("The archive cannot be read: {error}")))?;
    let bringing = Bringing { app, account, owner: owner(&unpacked).await?, unpacked, import };
    bringing.run(progress).await
}

/// Whose archive it is.
async fn owner(unpacked: &Unpacked) -> Result<Actor> {
    let missing = || {
        AppError::invalid(
            "The archive has no actor.json; it must be one that Mastodon makes at Preferences, Import and export",
        )
    };
    let path = unpacked.get("actor.json").ok_or_else(missing)?.clone();
    let text = in_background(move || {
        use std::io::Read;
        let mut text = Vec::new();
        std::fs::File::open(path)?.take(PROFILE).read_to_end(&mut text)?;
        Ok(text)
    });
    parse::actor(&text.await?).map_err(|error| {
        AppError::invalid(format!("The actor.json of the archive is broken: {error}"))
    })
}

struct Bringing<'b> {
    app: &'b Arc<App>,
    account: &'b Account,
    owner: Actor,
    unpacked: Unpacked,
    import: Import,
}

/// What an entry of the list is.
enum Entry {
    Post(Box<Note>),
    Direct,
    Other,
}

impl Bringing<'_> {
    async fn run(self, progress: &(dyn Fn(&Brought) + Sync)) -> Result<Brought> {
        let path = self.unpacked.get("outbox.json");
        let path = path.ok_or_else(|| AppError::invalid("The archive has no outbox.json"))?.clone();
        let (sender, mut entries) = tokio::sync::mpsc::channel(AHEAD);
        let reading = tokio::task::spawn_blocking(move || {
            let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
            archive::outbox(file, &mut |entry| sender.blocking_send(entry).is_ok())
                .map_err(|error| error.to_string())
        });
        let mut brought = Brought { from: self.owner.id.to_string(), ..Brought::default() };
        while let Some(entry) = entries.recv().await {
            match entry.map(|activity| self.sort(activity)) {
                Ok(Entry::Post(note)) => self.take(*note, &mut brought).await?,
                Ok(Entry::Direct) => brought.direct += 1,
                Ok(Entry::Other) => brought.others += 1,
                Err(error) => {
                    brought.wrong += 1;
                    brought.problem(error.to_string());
                }
            }
            progress(&brought);
        }
        match reading.await {
            Ok(Ok(())) => Ok(brought),
            Ok(Err(why)) => {
                brought.wrong += 1;
                brought.problem(format!("the list of posts is broken after this many: {why}"));
                Ok(brought)
            }
            Err(error) => Err(AppError::Internal(error.to_string())),
        }
    }

    fn sort(&self, activity: Activity) -> Entry {
        let Object::Note(note) = activity.object else { return Entry::Other };
        // Only what the owner of the archive wrote is theirs to bring.
        if activity.verb != Verb::Create || note.attributed_to != self.owner.id {
            return Entry::Other;
        }
        match self.visibility(&note) {
            Visibility::Direct => Entry::Direct,
            _ => Entry::Post(note),
        }
    }

    fn visibility(&self, note: &Note) -> Visibility {
        note.audience.visibility(self.owner.followers.as_ref().map(|uri| uri.as_str()))
    }

    async fn take(&self, note: Note, brought: &mut Brought) -> Result<()> {
        if self.is_here(&note).await? {
            brought.already += 1;
            return Ok(());
        }
        if note.published.is_none() {
            brought.wrong += 1;
            brought.problem(format!("{} has no date", note.id));
            return Ok(());
        }
        if self.import == Import::DryRun {
            brought.posts += 1;
            brought.media += note.attachments.len() as u64;
            return Ok(());
        }
        let files = self.files(&note, brought).await?;
        let count = files.len() as u64;
        if self.write(note, files).await? {
            brought.posts += 1;
            brought.media += count;
        } else {
            brought.already += 1;
        }
        Ok(())
    }

    /// Whether it was brought before, or is a post of this very account that was never away.
    async fn is_here(&self, note: &Note) -> Result<bool> {
        let (account, uri) = (self.account.id, note.id.to_string());
        let own = remote::local::is_here(self.app, &note.id)
            .then(|| crate::search::status_of(self.app, &uri))
            .flatten();
        self.app
            .read(move |conn| {
                Box::pin(async move {
                    if let Some(id) = own
                        && let Some(status) = statuses::by_id(conn, id).await?
                        && status.account_id == account
                    {
                        return Ok(true);
                    }
                    Ok(archives::brought(conn, account, &uri).await?.is_some())
                })
            })
            .await
    }

    /// Clean files of those that the archive has.
    async fn files(&self, note: &Note, brought: &mut Brought) -> Result<Vec<(Media, Kept)>> {
        let mut files = Vec::new();
        for file in note.attachments.iter().take(self.app.config.limits.status_media) {
            let place = archive::place(&file.url);
            let Some(path) = place.and_then(|place| self.unpacked.get(place)) else {
                brought.lost_media += 1;
                brought.problem(format!("{}: {} is not in the archive", note.id, file.url));
                continue;
            };
            match uploads::take_in(self.app, self.account.id, path).await {
                Ok((media, kept)) => {
                    let described = file.description.clone().unwrap_or_default();
                    let description = described.chars().take(uploads::DESCRIPTION).collect();
                    files.push((Media { description, ..media }, kept));
                }
                Err(error @ (AppError::Invalid(_) | AppError::Unprocessable(_))) => {
                    brought.lost_media += 1;
                    brought.problem(format!("{}: a file was refused: {error}", note.id));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(files)
    }

    /// Writes the post; false when somebody was faster.
    async fn write(&self, note: Note, files: Vec<(Media, Kept)>) -> Result<bool> {
        let (app, author, visibility) = (self.app.clone(), self.account.id, self.visibility(&note));
        self.app
            .write(move |conn| {
                Box::pin(async move {
                    let status = row(&app, conn, author, &note, visibility, &files).await?;
                    if !archives::bring(conn, author, note.id.as_str(), status.id).await? {
                        for (_, kept) in files {
                            kept.give_up(&app, conn).await?;
                        }
                        return Ok(false);
                    }
                    statuses::insert(conn, &status, true).await?;
                    for (position, (media, kept)) in (0_i64..).zip(files) {
                        kept.settle(conn).await?;
                        let hung = Media { status_id: Some(status.id), position, ..media };
                        store::media::insert(conn, &hung).await?;
                    }
                    let tags =
                        statuses::tag_ids(conn, &tags(&app, &note), status.created_at).await?;
                    statuses::add_tags(conn, status.id, &tags).await?;
                    if let Some(parent) = status.in_reply_to {
                        statuses::count(conn, parent, [1, 0, 0, 0]).await?;
                    }
                    accounts::count_status(conn, author, 1, None).await?;
                    crate::search::index(conn, &status).await?;
                    Ok::<_, AppError>(true)
                })
            })
            .await
    }
}

async fn row(
    app: &App,
    conn: &mut Conn,
    author: domain::AccountId,
    note: &Note,
    visibility: Visibility,
    files: &[(Media, Kept)],
) -> Result<Status> {
    let created_at =
        note.published.unwrap_or_else(|| app.now()).clamp(domain::Timestamp(0), app.now());
    let parent = parent(app, conn, author, note).await?;
    let (content, spoiler_text) = remote::of_note(note);
    let mut parts = 0;
    for (has, bit) in
        [(!files.is_empty(), Parts::MEDIA), (!tags(app, note).is_empty(), Parts::TAGS)]
    {
        parts |= if has { bit } else { 0 };
    }
    Ok(Status {
        id: remote::free_id(app, conn, created_at).await?,
        uri: None,
        url: None,
        account_id: author,
        text: plain(&content),
        content,
        sensitive: note.sensitive || !spoiler_text.is_empty(),
        spoiler_text,
        visibility,
        language: remote::language(note),
        in_reply_to: parent.as_ref().map(|parent| parent.id),
        in_reply_to_account: parent.as_ref().map(|parent| parent.account_id),
        boost_of: None,
        quote_of: None,
        quote_policy: "nobody".into(),
        conversation_id: parent
            .map_or_else(|| app.ids.next(), |parent: Status| parent.conversation_id),
        app_id: None,
        parts: Parts(parts),
        replies_count: 0,
        boosts_count: 0,
        favourites_count: 0,
        quotes_count: 0,
        created_at,
        edited_at: note.updated.filter(|updated| *updated > created_at),
        emojis: Vec::new(),
        card_hash: None,
        local_only: false,
        format: Format::Plain,
    })
}

/// What it answers: another post of the same archive, or one that the author may see here.
async fn parent(
    app: &App,
    conn: &mut Conn,
    author: domain::AccountId,
    note: &Note,
) -> Result<Option<Status>> {
    let Some(uri) = &note.in_reply_to else { return Ok(None) };
    let brought = archives::brought(conn, author, uri.as_str()).await?;
    let id: Option<StatusId> = match brought {
        Some(id) => Some(id),
        None => remote::local::status_at(app, conn, uri.as_str()).await?.map(|status| status.id),
    };
    let Some(id) = id else { return Ok(None) };
    let seen = statuses::visible_by_id(conn, id, Some(author)).await?;
    Ok(seen.filter(|status| status.boost_of.is_none()))
}

fn tags(app: &App, note: &Note) -> Vec<(TagId, String, String)> {
    let mut tags: Vec<(TagId, String, String)> = Vec::new();
    for tag in &note.hashtags {
        if let Some(name) = fold_tag(&tag.name)
            && !tags.iter().any(|(_, known, _)| *known == name)
        {
            tags.push((app.ids.next(), name, tag.name.trim_start_matches('#').to_owned()));
        }
    }
    tags
}
