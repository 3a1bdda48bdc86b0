//! `tuskling deploy …`: an instance on AWS, from nothing to running, and what follows. Gives `deploy` the terminal, the network
//! and randomness.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use config::Config;
use deploy::apply::{self, How};
use deploy::deployment::Deployment;
use deploy::prices::Prices;
use deploy::release::Named;
use deploy::world::{Sink, World};
use deploy::{cost, destroy, host, init, refresh, status};
use domain::Random as _;
use net::{Client, Get};
use tokio::io::AsyncWrite;
use tokio::runtime::Handle;

use crate::commands::say;
use crate::host::SystemRandom;

/// How long a price list may take, and how large it may be: that of EC2 has some hundred megabytes.
const STREAM: Duration = Duration::from_secs(45 * 60);
const MOST: usize = 4 << 30;

/// `tuskling deploy`
#[derive(Debug, Subcommand)]
pub enum Deploy {
    /// Ask the few questions and write the section [deploy] of tuskling.toml.
    Init(Answers),
    /// Show what would be made or changed, and the monthly bill before and after.
    Plan {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        release: Release,
        /// Ask nobody: what an empty account would get.
        #[arg(long)]
        offline: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make what the settings say; may be run again at any time.
    Apply {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        release: Release,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
        /// Do not wait until the instance answers.
        #[arg(long)]
        no_wait: bool,
        /// Free the lock that an interrupted run left.
        #[arg(long, value_name = "ID")]
        unlock: Option<String>,
    },
    /// Say what is deployed and whether it answers. Exit 1 when it does not.
    Status {
        #[command(flatten)]
        which: Which,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Price both shapes, and the designs that they are compared with.
    Cost {
        /// AWS region [default: that of the settings].
        #[arg(long)]
        region: Option<String>,
        /// Look the prices of the region up at AWS first, and keep them beside the deployment.
        #[arg(long)]
        refresh: bool,
        /// With --refresh: take prices that are ten times what they were, or a tenth.
        #[arg(long, requires = "refresh")]
        yes: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Hand the hosts a new release; they go back by themselves when it is not healthy.
    Update {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        release: Release,
        /// Do not wait until the hosts run it.
        #[arg(long)]
        no_wait: bool,
    },
    /// Follow the log of a host, by Session Manager.
    Logs {
        #[command(flatten)]
        which: Which,
        /// edge, app or single [default: the server's].
        host: Option<String>,
    },
    /// Remove the hosts; keep data, backups, address and names.
    Destroy {
        #[command(flatten)]
        which: Which,
        /// Remove data, backups, address and names as well.
        #[arg(long)]
        purge: bool,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// On a host: write the units and scripts of its role.
    #[command(hide = true)]
    Host {
        /// What the host is for.
        #[arg(long, value_enum)]
        role: Role,
        /// Below this folder.
        #[arg(long, default_value = "/")]
        root: PathBuf,
    },
}

/// Which deployment.
#[derive(Debug, Args)]
pub struct Which {
    /// Name of the deployment, for a second one beside the first.
    #[arg(long = "env", value_name = "NAME", default_value = "production")]
    environment: String,
}

/// The program to run there.
#[derive(Debug, Args)]
pub struct Release {
    /// The program for the hosts [default: that of the last time, else this one].
    #[arg(long = "release", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Its version.
    #[arg(long, value_name = "VERSION")]
    release_version: Option<String>,
    /// The SHA-256 that it must have.
    #[arg(long, value_name = "HEX")]
    sha256: Option<String>,
}

/// Answers that are given beforehand.
#[derive(Debug, Args)]
pub struct Answers {
    /// Name of the instance.
    #[arg(long)]
    domain: Option<String>,
    /// AWS region.
    #[arg(long)]
    region: Option<String>,
    /// private or single.
    #[arg(long)]
    shape: Option<String>,
    /// arm64 or x86_64 [default: that of this machine].
    #[arg(long)]
    architecture: Option<String>,
    /// Your mail address.
    #[arg(long)]
    contact: Option<String>,
    /// new, existing or external.
    #[arg(long)]
    dns: Option<String>,
}

/// What a host is for.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Role {
    /// The proxy and the way out.
    Edge,
    /// The server.
    App,
    /// Both.
    Single,
}

/// Runs the verb. `file` is where settings are written to.
///
/// # Errors
/// In words for the person at the terminal.
pub fn run(config: &Config, verb: Deploy, file: Option<&Path>) -> anyhow::Result<()> {
    let probe = |url: &str| probe(url);
    let variable = |name: &str| std::env::var(name).ok();
    let world = World {
        say: &say,
        ask: &ask,
        probe: &probe,
        stream: &stream,
        secret: &secret,
        pause: &std::thread::sleep,
        variable: &variable,
    };
    // Ctrl-C reaches Terraform as well, which ends its steps in good order: its last words are to be heard.
    tokio::spawn(async {
        while tokio::signal::ctrl_c().await.is_ok() {
            say("Stopping after the steps that are under way. The same command goes on later.");
        }
    });
    // Everything in there waits for other programs: other tasks of this one may go on.
    tokio::task::block_in_place(|| run_in(&world, config, verb, file))
}

fn run_in(
    world: &World<'_>,
    config: &Config,
    verb: Deploy,
    file: Option<&Path>,
) -> anyhow::Result<()> {
    let deployment = |which: &Which| Deployment::new(config, &which.environment, world);
    match verb {
        Deploy::Init(answers) => {
            init::run(&answers.into(), file.unwrap_or(Path::new("tuskling.toml")), world)
        }
        Deploy::Plan { which, release, offline, json } => {
            apply::plan(&deployment(&which)?, &release.into(), offline, json)
        }
        Deploy::Apply { which, release, yes, no_wait, unlock } => {
            let how = How { is_agreed: yes, is_patient: !no_wait, unlock, release: release.into() };
            apply::apply(&deployment(&which)?, &how)
        }
        Deploy::Status { which, json } => status::run(&deployment(&which)?, json),
        Deploy::Cost { region, refresh, yes, json } => {
            let region = region.unwrap_or_else(|| config.deploy.region.clone());
            if refresh {
                // What is told of it is no part of the table that a program reads.
                let beside: &dyn Fn(&str) = if json { &tell } else { &say };
                let world = World { say: beside, ..*world };
                refresh::run(&config.deploy, &region, yes, &world)?;
            }
            show_cost(config, &region, json)
        }
        Deploy::Update { which, release, no_wait } => {
            let how = How { is_patient: !no_wait, release: release.into(), ..How::default() };
            apply::update(&deployment(&which)?, &how)
        }
        Deploy::Logs { which, host } => status::logs(&deployment(&which)?, host.as_deref()),
        Deploy::Destroy { which, purge, yes } => destroy::run(&deployment(&which)?, purge, yes),
        Deploy::Host { role, root } => {
            for path in host::write(&root, role.into())? {
                say(&format!("written: {}", path.display()));
            }
            Ok(())
        }
    }
}

fn show_cost(config: &Config, region: &str, as_json: bool) -> anyhow::Result<()> {
    let prices = Prices::known(&config.deploy.folder)?;
    if !prices.regions().contains(&region) {
        anyhow::bail!(
            "prices are known of {}; of {region} they are not: `tuskling deploy cost --refresh --region {region}` looks them up",
            prices.regions().join(", ")
        );
    }
    let priced = cost::compare(&config.deploy, region, &prices);
    if as_json {
        let json = cost::as_json(&priced, &config.deploy, region, &prices);
        say(&serde_json::to_string_pretty(&json)?);
        return Ok(());
    }
    say(cost::table(&priced, &config.deploy, region, &prices).trim_end());
    for one in priced.iter().filter(|one| one.name == config.deploy.shape.name()) {
        say(&format!("\nThe lines of {}, on demand:", one.name));
        for line in &one.on_demand.lines {
            say(&format!(
                "  {:>7.2} {} {}",
                line.usd,
                if line.is_verified { ' ' } else { '~' },
                line.what
            ));
        }
        say("  ~ an estimate: the price is from memory or a rule of thumb.");
    }
    Ok(())
}

/// A line beside the result, on stderr.
fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A question on the terminal; without one there is no answer.
fn ask(question: &str) -> Option<String> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        let mut stderr = std::io::stderr();
        let _ = write!(stderr, "{question}");
        let _ = stderr.flush();
    }
    let mut answer = String::new();
    let read = stdin.lock().read_line(&mut answer).ok()?;
    (read > 0).then(|| answer.trim_end_matches(['\r', '\n']).to_owned())
}

fn secret() -> String {
    let mut bytes = [0; 32];
    SystemRandom.fill(&mut bytes);
    net::link::Link::write_secret(bytes)
}

/// A look at the instance from here, by the client that guards every request.
fn probe(url: &str) -> Result<(u16, String), String> {
    let settings = net::Settings {
        user_agent: format!("tuskling/{}", env!("CARGO_PKG_VERSION")),
        authorities: authorities(),
        ..net::Settings::default()
    };
    let url = url.parse().map_err(|_| format!("{url} is no address"))?;
    let client = Client::new(settings).map_err(|error| error.to_string())?;
    let get = Get { url: &url, accept: "*/*", most_bytes: 64 * 1024, signer: None, gate: None };
    let answer = Handle::current()
        .block_on(async { tokio::time::timeout(Duration::from_secs(30), client.get(get)).await });
    match answer {
        Ok(Ok(answer)) => {
            Ok((answer.status.as_u16(), String::from_utf8_lossy(&answer.body).into_owned()))
        }
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("no answer within 30 s".into()),
    }
}

/// Reads what is at an address, of whatever size, and hands it on as it comes.
fn stream(url: &str, take: &mut Sink<'_>) -> Result<(), String> {
    let times = net::Times { download: STREAM, ..net::Times::default() };
    let settings = net::Settings {
        user_agent: format!("tuskling/{}", env!("CARGO_PKG_VERSION")),
        authorities: authorities(),
        // Without TLS only what the person named: nothing of AWS is.
        is_local: url.starts_with("http:"),
        times,
        ..net::Settings::default()
    };
    let url = url.parse().map_err(|_| format!("{url} is no address"))?;
    let client = Client::new(settings).map_err(|error| error.to_string())?;
    let get = Get { url: &url, accept: "*/*", most_bytes: MOST, signer: None, gate: None };
    let answer = Handle::current().block_on(client.download(get, &mut Pieces { take }));
    let answer = answer.map_err(|error| error.to_string())?;
    if !answer.status.is_success() {
        return Err(format!("it is answered with {}", answer.status.as_u16()));
    }
    Ok(())
}

/// Where the pieces of a download go.
struct Pieces<'s, 't> {
    take: &'s mut Sink<'t>,
}

impl AsyncWrite for Pieces<'_, '_> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        piece: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready((self.take)(piece).map(|()| piece.len()).map_err(io::Error::other))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Authorities that the person trusts besides the system's.
fn authorities() -> Vec<PathBuf> {
    std::env::var_os("SSL_CERT_FILE").map(PathBuf::from).into_iter().collect()
}

impl From<Release> for Named {
    fn from(release: Release) -> Self {
        Self { file: release.file, version: release.release_version, sha256: release.sha256 }
    }
}

impl From<Answers> for init::Answers {
    fn from(answers: Answers) -> Self {
        let Answers { domain, region, shape, architecture, contact, dns } = answers;
        Self { domain, region, shape, architecture, contact, dns }
    }
}

impl From<Role> for host::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Edge => Self::Edge,
            Role::App => Self::App,
            Role::Single => Self::Single,
        }
    }
}
