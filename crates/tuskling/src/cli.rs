//! The command line. Flags override variables, which override the file.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Your own Mastodon, small.
#[derive(Debug, Parser)]
#[command(version, about, propagate_version = true)]
pub struct Cli {
    /// Configuration file. Default: ./tuskling.toml, else /etc/tuskling/tuskling.toml, else none.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Log lines as JSON.
    #[arg(long, global = true)]
    pub log_json: bool,
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run the server.
    Serve(Serve),
    /// Run the proxy before the server: TLS, names, limits.
    Edge {
        #[command(subcommand)]
        verb: Option<Edge>,
    },
    /// Make and manage accounts.
    #[command(subcommand)]
    Account(Account),
    /// Make access tokens.
    #[command(subcommand)]
    Token(Token),
    /// Make and end codes that let people sign up.
    #[command(subcommand)]
    Invite(Invite),
    /// Add and remove custom emoji.
    #[command(subcommand)]
    Emoji(Emoji),
    /// Tell everybody here something.
    #[command(subcommand)]
    Announcement(Announcement),
    /// Say what to do with whole domains.
    #[command(subcommand)]
    Domain(Domain),
    /// See what goes to other servers.
    #[command(subcommand)]
    Delivery(Delivery),
    /// Save everything elsewhere, and see to it that it can be restored.
    #[command(subcommand)]
    Backup(Backup),
    /// Bring everything back from a backup.
    Restore(Restore),
    /// Work on a whole database.
    #[command(subcommand)]
    Db(Db),
    /// Run an instance on AWS: plan it, price it, make it, update it, remove it.
    #[command(subcommand)]
    Deploy(crate::commands::deploy::Deploy),
    /// Show or check the configuration.
    #[command(subcommand)]
    Config(Config),
}

/// Which data a command works on.
#[derive(Clone, Debug, Default, Args)]
pub struct Data {
    /// Folder of the database and media [default: ./data].
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// sqlite:PATH or postgres://…
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
}

/// `tuskling serve`
#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    pub data: Data,
    /// Address and port to listen on [default: 127.0.0.1:3000].
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// Host, with port if unusual, in handles.
    #[arg(long, value_name = "HOST[:PORT]")]
    pub domain: Option<String>,
    /// Where the server is reached, if not https://DOMAIN.
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
}

/// `tuskling edge`
#[derive(Debug, Subcommand)]
pub enum Edge {
    /// Say how the edge that runs here is.
    Status {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Remove something from the cache of the edge that runs here, because it has changed or gone.
    Purge {
        /// Its address: https://HOST/PATH.
        #[arg(required_unless_present = "all")]
        address: Option<String>,
        /// Everything.
        #[arg(long, conflicts_with = "address")]
        all: bool,
    },
    /// Make a secret for the link between edge and server.
    Secret,
    /// Let a private network out by this machine's address.
    #[command(subcommand)]
    Nat(crate::commands::edge_nat::Nat),
}

/// `tuskling db`
#[derive(Debug, Subcommand)]
pub enum Db {
    /// Copy everything into an empty database of either engine, and compare it row by row.
    Copy {
        /// sqlite:PATH or postgres://… No server may run on it meanwhile.
        #[arg(long, value_name = "URL")]
        from: String,
        /// sqlite:PATH or postgres://…, without any table.
        #[arg(long, value_name = "URL")]
        to: String,
    },
}

/// `tuskling backup`
#[derive(Debug, Subcommand)]
pub enum Backup {
    /// Make a snapshot now, whether serve runs or not.
    Run {
        /// Not when nothing was written since the last one.
        #[arg(long)]
        if_changed: bool,
        #[command(flatten)]
        data: Data,
    },
    /// List the snapshots.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: Data,
    },
    /// Restore the newest snapshot on trial and check it.
    Verify {
        /// Where there is room for all of it for a while [default: in the data folder].
        #[arg(long, value_name = "DIR")]
        scratch: Option<PathBuf>,
        #[command(flatten)]
        data: Data,
    },
    /// Remove snapshots that are not to be kept, and what only they need. Needs the right to delete.
    Prune {
        /// Only say what would go.
        #[arg(long)]
        dry_run: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: Data,
    },
}

/// `tuskling restore`
#[derive(Debug, Args)]
pub struct Restore {
    /// Which snapshot: latest, or the beginning of its id.
    #[arg(long, value_name = "ID|latest", default_value = "latest", conflicts_with = "at")]
    pub snapshot: String,
    /// The newest snapshot that is not younger than this, like 2026-11-25T18:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Move aside what is in the folder already.
    #[arg(long)]
    pub force: bool,
    /// Send what was waiting for other servers when the backup was made, even if it may arrive twice.
    #[arg(long)]
    pub send_queued: bool,
    #[command(flatten)]
    pub data: Data,
}

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

/// `tuskling account expire|export|import`
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

/// `tuskling delivery`
#[derive(Debug, Subcommand)]
pub enum Delivery {
    /// Show which servers have a status, which wait and why.
    Status {
        /// Number of the status: the end of its address.
        id: i64,
        /// As JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: Data,
    },
    /// Try everything about a status again that has not arrived.
    Retry {
        /// Number of the status: the end of its address.
        id: i64,
        #[command(flatten)]
        data: Data,
    },
    /// List the servers that something waits for.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: Data,
    },
}

/// `tuskling token`
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make an access token and print it.
    Create {
        /// Whose.
        name: String,
        /// What it may do.
        #[arg(long, default_value = "read write follow push")]
        scopes: String,
        #[command(flatten)]
        data: Data,
    },
}

/// `tuskling invite`
#[derive(Debug, Subcommand)]
pub enum Invite {
    /// Make an invite and print its link.
    Create {
        /// How many may come by it. Default: any number.
        #[arg(long, value_name = "NUMBER")]
        uses: Option<i64>,
        /// For how many days it works. Default: until it is removed.
        #[arg(long, value_name = "NUMBER")]
        days: Option<i64>,
        #[command(flatten)]
        data: Data,
    },
    /// List the invites.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: Data,
    },
    /// End an invite.
    Remove {
        /// Its code, the end of its link.
        code: String,
        #[command(flatten)]
        data: Data,
    },
}

/// `tuskling emoji`
#[derive(Debug, Subcommand)]
pub enum Emoji {
    /// Add emoji from PNG, GIF or WebP files; a file's name without its ending is the shortcode.
    Import {
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Heading in the picker.
        #[arg(long)]
        category: Option<String>,
        #[command(flatten)]
        data: Data,
    },
    /// List the emoji of this server.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: Data,
    },
    /// Remove an emoji.
    Remove {
        /// The shortcode, with or without colons.
        code: String,
        #[command(flatten)]
        data: Data,
    },
}

/// `tuskling announcement`
#[derive(Debug, Subcommand)]
pub enum Announcement {
    /// Announce something at once.
    Publish {
        /// Plain text; links, hashtags and custom emoji in it are shown as such.
        text: String,
        /// When what it announces begins, like 2026-12-24T18:00:00Z.
        #[arg(long, value_name = "TIME")]
        starts_at: Option<String>,
        /// When that ends; then it is not shown any more.
        #[arg(long, value_name = "TIME")]
        ends_at: Option<String>,
        /// Both are whole days.
        #[arg(long)]
        all_day: bool,
        #[command(flatten)]
        data: Data,
    },
    /// List what was announced, the newest first.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: Data,
    },
    /// Remove an announcement.
    Remove {
        /// Its number.
        id: i64,
        #[command(flatten)]
        data: Data,
    },
}

/// `tuskling domain`
#[derive(Debug, Subcommand)]
pub enum Domain {
    /// Make a rule about a domain and everything below it, or change it.
    Block {
        /// The domain.
        domain: String,
        /// How hard.
        #[arg(long, value_enum, default_value = "suspend")]
        severity: Severity,
        /// Fetch no pictures and files of it.
        #[arg(long)]
        reject_media: bool,
        /// Drop reports that come from there.
        #[arg(long)]
        reject_reports: bool,
        /// Show its name with stars in it in the public list.
        #[arg(long)]
        obfuscate: bool,
        /// Why, for staff.
        #[arg(long, default_value = "")]
        comment: String,
        /// Why, for everybody.
        #[arg(long, default_value = "")]
        public_comment: String,
        #[command(flatten)]
        data: Data,
    },
    /// Remove the rule about a domain; what it did to accounts is lifted.
    Unblock {
        /// The domain.
        domain: String,
        #[command(flatten)]
        data: Data,
    },
    /// Name a domain that is spoken with when `federation.allow_list` is on.
    Allow {
        /// The domain.
        domain: String,
        /// Take that back.
        #[arg(long)]
        undo: bool,
        #[command(flatten)]
        data: Data,
    },
    /// List the rules and the allowed domains.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: Data,
    },
    /// Take over a list of rules in Mastodon's CSV; all of it or, when a line is wrong, nothing.
    Import {
        /// The file, or - for standard input.
        file: PathBuf,
        #[command(flatten)]
        data: Data,
    },
    /// Print the rules in Mastodon's CSV.
    Export {
        #[command(flatten)]
        data: Data,
    },
}

/// How hard a rule about a domain is.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Severity {
    /// Only what the other flags say.
    Noop,
    /// Its accounts are shown to their followers only.
    Silence,
    /// Nothing comes from there, nothing goes there.
    Suspend,
}

/// `tuskling config`
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Print a configuration file that explains every setting.
    Example,
    /// Check the configuration and say what is wrong with it.
    Check,
}

/// What an account may do.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Role {
    /// Uses the server.
    Member,
    /// Handles reports and accounts.
    Moderator,
    /// Changes settings as well.
    Admin,
    /// Everything.
    Owner,
}

impl From<Severity> for app::domain_rules::Severity {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Noop => Self::Noop,
            Severity::Silence => Self::Silence,
            Severity::Suspend => Self::Suspend,
        }
    }
}

impl From<Role> for domain::account::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Member => Self::Member,
            Role::Moderator => Self::Moderator,
            Role::Admin => Self::Admin,
            Role::Owner => Self::Owner,
        }
    }
}
