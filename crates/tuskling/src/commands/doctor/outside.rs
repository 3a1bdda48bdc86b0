//! What others see and what this server needs of others: its name, its certificate, the edge, mail.

use std::time::Duration;

use config::{Address, Config};
use edge::EdgeStatus;
use net::link::Link;
use net::{Get, NetError};

use super::Finding;
use crate::context;

/// How long each of them may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Looks from this machine.
pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let Ok(address) = config.server.address() else { return Vec::new() };
    let mut findings = Vec::new();
    findings.extend(link(config));
    findings.extend(edge(config).await);
    findings.push(mail(config, &address).await);
    findings.push(name(&address).await);
    findings
}

/// The server's own address, asked as others ask: name, way, certificate and answer in one.
async fn name(address: &Address) -> Finding {
    const ABOUT: &str = "address";
    let base = &address.base;
    if address.is_local {
        return Finding::good(ABOUT, format!("{base} is on this machine; nobody else is asked"));
    }
    match tokio::time::timeout(PATIENCE, ask(address)).await {
        Ok(Ok(true)) => Finding::good(ABOUT, format!("{base} answers, with a valid certificate")),
        Ok(Ok(false)) => Finding::wrong(
            ABOUT,
            format!("{base} answers, but not as this server"),
            "See what the name leads to, and the edge's origins: tuskling edge status",
        ),
        Ok(Err(error)) => Finding::hint(
            ABOUT,
            format!("{base} does not answer from here: {error}"),
            "Ask from elsewhere as well: some networks do not let a machine reach its own public address. Check the name's A and AAAA records, ports 80 and 443, and the certificate",
        ),
        Err(_) => Finding::hint(
            ABOUT,
            format!("{base} does not answer from here in time"),
            "Ask from elsewhere as well; check ports 80 and 443",
        ),
    }
}

async fn ask(address: &Address) -> Result<bool, NetError> {
    let client = net::Client::new(context::net_settings(address))?;
    let Ok(url) = format!("{}/.well-known/nodeinfo", address.base).parse() else {
        return Ok(false);
    };
    let get = Get {
        url: &url,
        accept: "application/json",
        most_bytes: 64 * 1024,
        signer: None,
        gate: None,
    };
    let answer = client.get(get).await?;
    let is_ours = String::from_utf8_lossy(&answer.body).contains(&address.base);
    Ok(answer.status.is_success() && is_ours)
}

/// The secret between edge and server.
fn link(config: &Config) -> Vec<Finding> {
    const ABOUT: &str = "edge link";
    let files = [&config.server.link_secret_file, &config.edge.link_secret_file];
    let files = files.into_iter().flatten();
    files
        .map(|file| match Link::read(file) {
            Ok(_) => Finding::good(ABOUT, format!("{} holds a secret", file.display())),
            Err(error) => Finding::wrong(
                ABOUT,
                error.to_string(),
                "Both sides need the same secret in a file that their user can read: tuskling edge secret makes one",
            ),
        })
        .collect()
}

/// The edge on this machine, if one is set up.
async fn edge(config: &Config) -> Vec<Finding> {
    const ABOUT: &str = "edge";
    // An edge elsewhere has its settings there.
    let is_here = config.edge.domain.is_some() || !config.edge.sites.is_empty();
    let Some(listener) = config.edge.metrics.filter(|_| is_here) else { return Vec::new() };
    match tokio::time::timeout(PATIENCE, edge::ask_status(listener)).await {
        Ok(Ok(status)) => judge(&status),
        Ok(Err(error)) => vec![Finding::wrong(
            ABOUT,
            format!("it does not answer on {listener}: {error}"),
            "Start it, or take edge.metrics out of the settings if it runs elsewhere",
        )],
        Err(_) => vec![Finding::wrong(
            ABOUT,
            "it does not answer in time",
            "Restart it, and read its log",
        )],
    }
}

fn judge(status: &EdgeStatus) -> Vec<Finding> {
    const CERTIFICATE: &str = "certificate";
    let mut findings = Vec::new();
    for name in &status.names {
        let fetched = name.fetched.as_ref();
        let trouble = fetched
            .and_then(|fetched| fetched.warning.clone().or_else(|| fetched.last_error.clone()));
        findings.push(match (name.has_certificate, trouble) {
            (true, None) => Finding::good(CERTIFICATE, format!("{} has one", name.name)),
            (true, Some(why)) => Finding::hint(
                CERTIFICATE,
                format!("{}: {why}", name.name),
                "It is tried again by itself; until the old one ends, nobody notices",
            ),
            (false, why) => Finding::wrong(
                CERTIFICATE,
                format!("{} has none: {}", name.name, why.unwrap_or_else(|| "none was fetched yet".into())),
                "The name must lead to this machine, and port 80 or 443 be reachable from the internet",
            ),
        });
    }
    for origin in &status.origins {
        findings.push(if origin.is_ready {
            Finding::good("edge", format!("{} is ready behind it", origin.address))
        } else {
            Finding::wrong(
                "edge",
                format!("{} behind it is not ready", origin.address),
                "Start the server, and see that both have the same link secret",
            )
        });
    }
    findings
}

/// Mail: what is set, and whether the mail server greets and takes the login.
async fn mail(config: &Config, address: &Address) -> Finding {
    const ABOUT: &str = "mail";
    let mailer = match app::mail::Mailer::open(config, address, &context::net_settings(address)) {
        Ok(mailer) => mailer,
        Err(why) => {
            return Finding::wrong(ABOUT, why, "Mend section [mail]: tuskling config example");
        }
    };
    if let Some(folder) = mailer.folder() {
        let what = format!("it is not sent but written to {}", folder.display());
        if address.is_local {
            return Finding::good(ABOUT, what);
        }
        let why = "nobody can confirm an address or set a new password";
        return Finding::hint(ABOUT, format!("{what}: {why}"), "Set mail.transport to smtp or ses");
    }
    match tokio::time::timeout(PATIENCE, mailer.try_out()).await {
        Ok(Ok(what)) => Finding::good(ABOUT, what),
        Ok(Err(why)) => Finding::wrong(
            ABOUT,
            why,
            "Check mail.smtp_host, its port, smtp_security and the login; many networks let nothing out on port 25",
        ),
        Err(_) => Finding::wrong(
            ABOUT,
            "the mail server does not answer in time",
            "Check mail.smtp_host and its port; many networks let nothing out on port 25",
        ),
    }
}
