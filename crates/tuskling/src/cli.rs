//! The command line. Flags override variables, which override the file.

mod account;
mod keep;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use account::{Account, Alias, Has};
pub use keep::{Backup, Db, Doctor, Restore};

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
    /// Look at everything, and say what is wrong and what to do.
    Doctor(Doctor),
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
