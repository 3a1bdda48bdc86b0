//! `tuskling account`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::{Data, Role};

/// `tuskling account`
#[derive(Debug, Subcommand)]
pub enum Account {
    /// Make an account.
    Create {
        /// The name before the @.
        name: String,
        /// Address for mail.
        #[arg(long)]
        email: String,
        /// The password; visible to other users of this machine. Made up and printed when neither is given.
        #[arg(long, conflicts_with = "password_stdin")]
        password: Option<String>,
        /// Read the password from standard input.
        #[arg(long)]
        password_stdin: bool,
        /// What it may do.
        #[arg(long, value_enum, default_value = "member")]
        role: Role,
        #[command(flatten)]
        data: Data,
    },
    /// List the accounts of this server.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: Data,
    },
    /// Show one account.
    Show {
        /// The name before the @.
        name: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: Data,
    },
    /// Make up a new password, print it, and end all access with the old one.
    ResetPassword {
        /// The name before the @.
        name: String,
        #[command(flatten)]
        data: Data,
    },
    /// Switch two-factor sign-in off for somebody who lost it, and end all access.
    #[command(name = "reset-2fa")]
    ResetSecondFactor {
        /// The name before the @.
        name: String,
        #[command(flatten)]
        data: Data,
    },
    /// Let somebody in who asked for an account.
    Approve {
        /// The name before the @.
        name: String,
        #[command(flatten)]
        data: Data,
    },
    /// Shut an account out and hide what it posted.
    Suspend {
        /// The name before the @; name@domain for an account of another server.
        name: String,
        /// Let it in again.
        #[arg(long)]
        undo: bool,
        #[command(flatten)]
        data: Data,
    },
    /// Move an account to another server: its followers follow there, its posts stay here.
    Move {
        /// The name before the @.
        name: String,
        /// The account there, name@host. It must name this one among its aliases first.
        #[arg(long, value_name = "HANDLE")]
        to: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        data: Data,
    },
    /// Give an account a new signing key and tell its followers' servers.
    RotateKey {
        /// The name before the @.
        #[arg(required_unless_present = "instance", conflicts_with = "instance")]
        name: Option<String>,
        /// The key of the server itself, which signs what it asks others.
        #[arg(long)]
        instance: bool,
        #[command(flatten)]
        data: Data,
    },
    /// Say which accounts elsewhere are the same person, before one of them moves here.
    #[command(subcommand)]
    Alias(Alias),
    /// What an account has: taking it along, bringing it, letting it go.
    #[command(flatten)]
    Has(Has),
    /// Remove an account and everything of it, for good.
    Delete {
        /// The name before the @.
        name: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        data: Data,
    },
}

/// `tuskling account expire|export|import|archive|import-posts`
#[derive(Debug, Subcommand)]
pub enum Has {
    /// Delete an account's own posts by themselves when they are old. Without --days the rule is shown.
    Expire {
        /// The name before the @.
        name: String,
        /// How old they become.
        #[arg(long, value_name = "N")]
        days: Option<i64>,
        /// Keep all again.
        #[arg(long, conflicts_with = "days")]
        off: bool,
        /// Pinned ones go as well.
        #[arg(long)]
        pinned: bool,
        /// Direct ones go as well.
        #[arg(long)]
        direct: bool,
        /// Those that the account favourited or bookmarked itself go as well.
        #[arg(long)]
        marked: bool,
        /// Keep those with attachments.
        #[arg(long)]
        keep_media: bool,
        /// Keep those with polls.
        #[arg(long)]
        keep_polls: bool,
        #[command(flatten)]
        data: Data,
    },
    /// Print whom an account follows, blocks or mutes, its lists or bookmarks, in Mastodon's CSV.
    Export {
        /// The name before the @.
        name: String,
        /// What.
        #[arg(value_enum)]
        what: Table,
        #[command(flatten)]
        data: Data,
    },
    /// Write everything an account has into one file of Mastodon's shape (.tar.gz).
    Archive {
        /// The name before the @.
        name: String,
        /// The new file.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        /// The result as JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: Data,
    },
    /// Bring somebody's own old posts, with their dates and media, out of the archive of another account.
    ///
    /// Nobody is told of them. What was brought before is not brought again, so it can be run again.
    ImportPosts {
        /// The name before the @.
        name: String,
        /// The archive that Mastodon made: .tar.gz, .tar or .zip.
        archive: PathBuf,
        /// Look at everything, write nothing.
        #[arg(long)]
        dry_run: bool,
        /// The result as JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: Data,
    },
    /// Take over a CSV that a Mastodon has exported; what the account has already stays.
    Import {
        /// The name before the @.
        name: String,
        /// What.
        #[arg(value_enum)]
        what: Table,
        /// The file, or - for standard input.
        file: PathBuf,
        #[command(flatten)]
        data: Data,
    },
}

/// What a CSV of an account is of.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Table {
    /// Followed accounts.
    Following,
    /// Blocked accounts.
    Blocking,
    /// Muted accounts.
    Muting,
    /// Blocked domains.
    DomainBlocking,
    /// Lists and their members.
    Lists,
    /// Bookmarked posts.
    Bookmarks,
}

impl From<Table> for app::portability::Kind {
    fn from(table: Table) -> Self {
        match table {
            Table::Following => Self::Following,
            Table::Blocking => Self::Blocking,
            Table::Muting => Self::Muting,
            Table::DomainBlocking => Self::DomainBlocking,
            Table::Lists => Self::Lists,
            Table::Bookmarks => Self::Bookmarks,
        }
    }
}

/// `tuskling account alias`
#[derive(Debug, Subcommand)]
pub enum Alias {
    /// Add one.
    Add {
        /// The name before the @.
        name: String,
        /// The account elsewhere, name@host.
        handle: String,
        #[command(flatten)]
        data: Data,
    },
    /// Remove one.
    Remove {
        /// The name before the @.
        name: String,
        /// The account elsewhere, name@host or its id.
        handle: String,
        #[command(flatten)]
        data: Data,
    },
    /// List them.
    List {
        /// The name before the @.
        name: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: Data,
    },
}
