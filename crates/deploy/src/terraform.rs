//! Runs `terraform` (or `tofu`) and reads what it says as JSON. Secrets are passed in its environment, never as arguments.
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use serde_json::Value;

use crate::module::MODULE;
use crate::words;
use crate::world::World;

/// Terraform in one folder.
pub struct Terraform<'w> {
    world: &'w World<'w>,
    folder: PathBuf,
    secrets: Vec<(String, String)>,
}

/// Between two looks at what Terraform has said.
const LOOK: Duration = Duration::from_millis(100);

/// What was heard of Terraform: how many resources are done, of how many, and what went wrong.
#[derive(Debug, Default)]
struct Heard {
    done: u64,
    of: u64,
    problems: Vec<String>,
}

impl<'w> Terraform<'w> {
    /// For the module in this folder.
    #[must_use]
    pub fn new(world: &'w World<'w>, folder: &Path) -> Self {
        Self { world, folder: folder.to_owned(), secrets: Vec::new() }
    }

    /// The same, with a variable that nobody may see.
    #[must_use]
    pub fn with_secret(mut self, name: &str, value: String) -> Self {
        self.secrets.push((format!("TF_VAR_{name}"), value));
        self
    }

    /// The same, with a variable of the environment.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.secrets.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Where this works.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// `terraform init`, with plugins from this machine where it has them.
    ///
    /// # Errors
    /// What Terraform said, as it said it: the caller looks for a bucket that is missing.
    pub fn init(&self, backend: &[String]) -> Result<(), String> {
        let mut arguments = vec![
            "init".to_owned(),
            "-input=false".into(),
            "-no-color".into(),
            "-lockfile=readonly".into(),
        ];
        if !backend.is_empty() {
            arguments.push("-reconfigure".into());
            arguments.extend(backend.iter().map(|line| format!("-backend-config={line}")));
        }
        if let Some(plugins) = plugins(self.world) {
            arguments.push(format!("-plugin-dir={}", plugins.display()));
        }
        self.output(&arguments).map(|_| ()).map_err(|error| format!("{error:#}"))
    }

    /// Runs and gives what was printed.
    ///
    /// # Errors
    /// What was printed on stderr.
    pub fn output(&self, arguments: &[String]) -> anyhow::Result<String> {
        let mut command = self.command(arguments);
        let output = command.stdin(Stdio::null()).output().map_err(missing)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let mut said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        if said.is_empty() {
            said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        }
        bail!(said)
    }

    /// Runs with `-json` and tells each step. What it says goes through a file, not a pipe: if this program ends before it,
    /// it goes on to its end, keeps the state whole and frees the lock; the next run waits for that.
    ///
    /// # Errors
    /// The errors that Terraform reported, with what to do.
    pub fn run(&self, verb: &str, arguments: &[String]) -> anyhow::Result<()> {
        let mut all =
            vec![verb.to_owned(), "-json".into(), "-input=false".into(), "-lock-timeout=5m".into()];
        all.extend(arguments.iter().cloned());
        let log = |name: &str| self.folder.join(format!("{verb}.{name}.log"));
        let file = |path: &Path| {
            File::create(path).with_context(|| format!("cannot write {}", path.display()))
        };
        let (said, complained) = (log("steps"), log("errors"));
        let mut command = self.command(&all);
        command.stdin(Stdio::null()).stdout(file(&said)?).stderr(file(&complained)?);
        let mut child = command.spawn().map_err(missing)?;
        let mut lines = Lines { file: File::open(&said)?, rest: Vec::new() };
        let mut heard = Heard::default();
        let status = loop {
            let ended = child.try_wait().context("waiting for Terraform")?;
            for line in lines.new_ones()? {
                self.hear(&line, &mut heard);
            }
            if let Some(status) = ended {
                break status;
            }
            (self.world.pause)(LOOK);
        };
        if status.success() {
            return Ok(());
        }
        if heard.problems.is_empty() {
            let stderr = std::fs::read_to_string(&complained).unwrap_or_default();
            let other = format!("terraform {verb} ended with {status}");
            heard.problems.push(if stderr.trim().is_empty() { other } else { stderr });
        }
        Err(words::explain(&heard.problems.join("\n")))
    }

    /// The outputs by name; empty when nothing is deployed.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn outputs(&self) -> anyhow::Result<Value> {
        let text = self
            .output(&["output".into(), "-json".into()])
            .map_err(|error| words::explain(&error.to_string()))?;
        let outputs: serde_json::Map<String, Value> =
            serde_json::from_str(&text).context("Terraform's outputs")?;
        Ok(outputs.into_iter().map(|(name, output)| (name, output["value"].clone())).collect())
    }

    fn command(&self, arguments: &[String]) -> Command {
        let mut command = Command::new(program(self.world));
        command.arg(format!("-chdir={}", self.folder.display())).args(arguments);
        command.env("TF_IN_AUTOMATION", "1").env("CHECKPOINT_DISABLE", "1");
        // A file that does not exist would only be a warning in front of every answer.
        if (self.world.variable)("TF_CLI_CONFIG_FILE")
            .is_some_and(|file| !Path::new(&file).exists())
        {
            command.env("TF_CLI_CONFIG_FILE", "/dev/null");
        }
        command.envs(self.secrets.iter().map(|(name, value)| (name, value)));
        command
    }

    fn hear(&self, line: &str, heard: &mut Heard) {
        let Ok(event) = serde_json::from_str::<Value>(line) else {
            heard.problems.push(line.to_owned());
            return;
        };
        let address = event["hook"]["resource"]["addr"].as_str().unwrap_or("?");
        match event["type"].as_str() {
            Some("change_summary") if event["changes"]["operation"] == "plan" => {
                let count = |what: &str| event["changes"][what].as_u64().unwrap_or(0);
                heard.of = count("add") + count("change") + count("remove");
            }
            // Looking something up is no step of the work.
            Some("apply_complete") if event["hook"]["action"] != "read" => {
                heard.done += 1;
                let of = if heard.of == 0 { String::new() } else { format!("/{}", heard.of) };
                let verb = match event["hook"]["action"].as_str() {
                    Some("create") => "made",
                    Some("delete") => "removed",
                    _ => "changed",
                };
                (self.world.say)(&format!("  {}{of} {verb} {address}", heard.done));
            }
            Some("diagnostic") if event["diagnostic"]["severity"] == "error" => {
                let part =
                    |name: &str| event["diagnostic"][name].as_str().unwrap_or_default().to_owned();
                let place = part("address");
                let place = if place.is_empty() { place } else { format!(" ({place})") };
                heard.problems.push(format!("{}{place}: {}", part("summary"), part("detail")));
            }
            _ => {}
        }
    }
}

/// Whole lines of a file that somebody else writes.
struct Lines {
    file: File,
    rest: Vec<u8>,
}

impl Lines {
    fn new_ones(&mut self) -> anyhow::Result<Vec<String>> {
        self.file.read_to_end(&mut self.rest).context("Terraform's words cannot be read")?;
        let Some(end) = self.rest.iter().rposition(|byte| *byte == b'\n') else {
            return Ok(Vec::new());
        };
        let rest = self.rest.split_off(end + 1);
        let whole = std::mem::replace(&mut self.rest, rest);
        Ok(String::from_utf8_lossy(&whole).lines().map(str::to_owned).collect())
    }
}

/// `TUSKLING_TF_PROGRAM`, else `terraform`, else OpenTofu where only that is installed.
fn program(world: &World<'_>) -> PathBuf {
    if let Some(program) = (world.variable)("TUSKLING_TF_PROGRAM") {
        return program.into();
    }
    let path = (world.variable)("PATH").unwrap_or_default();
    let has = |name: &str| path.split(':').any(|folder| Path::new(folder).join(name).is_file());
    if !has("terraform") && has("tofu") { "tofu".into() } else { "terraform".into() }
}

fn missing(error: std::io::Error) -> anyhow::Error {
    if error.kind() == ErrorKind::NotFound {
        return anyhow!(
            "terraform is not installed, and `deploy` needs it (1.11 or newer). Get it from your system's packages or from \
             developer.hashicorp.com/terraform/install, then run the same command again."
        );
    }
    anyhow!(error).context("terraform cannot be started")
}

/// A folder of this machine that has the AWS provider: `TUSKLING_TF_PLUGINS`, else a mirror in one of the places where people
/// keep it, known by a folder with the registry's name.
fn plugins(world: &World<'_>) -> Option<PathBuf> {
    if let Some(named) = (world.variable)("TUSKLING_TF_PLUGINS") {
        return (!named.is_empty()).then(|| named.into());
    }
    let home = (world.variable)("HOME").unwrap_or_default();
    let parents = ["/opt", "/usr/share", "/usr/local/share", "/var/lib"].map(PathBuf::from);
    let below = parents.iter().filter_map(|parent| std::fs::read_dir(parent).ok()).flatten();
    let mut found: Vec<PathBuf> = below.filter_map(|entry| Some(entry.ok()?.path())).collect();
    found.sort();
    let mut places =
        vec![PathBuf::from("terraform.d/plugins"), Path::new(&home).join(".terraform.d/plugins")];
    places.extend(found.iter().flat_map(|folder| [folder.clone(), folder.join("plugins")]));
    places.into_iter().find(|place| has_provider(place)).and_then(|place| place.canonicalize().ok())
}

/// Whether a mirror has the provider that the lock file names, for this kind of machine.
fn has_provider(place: &Path) -> bool {
    let machine = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        _ => "amd64",
    };
    let system = if std::env::consts::OS == "macos" { "darwin" } else { std::env::consts::OS };
    let lock =
        MODULE.iter().find(|(name, _)| *name == ".terraform.lock.hcl").map_or("", |(_, text)| text);
    let version = lock
        .lines()
        .find_map(|line| line.trim().strip_prefix("version")?.split('"').nth(1))
        .unwrap_or("?");
    place.join(format!("registry.terraform.io/hashicorp/aws/{version}/{system}_{machine}")).is_dir()
}
