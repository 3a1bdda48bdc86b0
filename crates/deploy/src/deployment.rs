//! One deployment: its settings, its folder, its state. Everything that the verbs share: names, variables, the state bucket.
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use config::{Config, Deploy};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::module;
use crate::release::Release;
use crate::terraform::Terraform;
use crate::words;
use crate::world::World;

/// A deployment that can be planned.
pub struct Deployment<'w> {
    /// The world around it.
    pub world: &'w World<'w>,
    /// The settings.
    pub settings: Deploy,
    /// The name of the instance.
    pub domain: String,
    /// Tells several deployments of one account apart.
    pub environment: String,
}

impl<'w> Deployment<'w> {
    /// From the configuration.
    ///
    /// # Errors
    /// When domain or environment are missing or cannot be names.
    pub fn new(config: &Config, environment: &str, world: &'w World<'w>) -> anyhow::Result<Self> {
        config.validate()?;
        let settings = config.deploy.clone();
        let domain = settings.domain.clone().or_else(|| config.server.host());
        let domain = domain.ok_or_else(|| {
            anyhow!("deploy.domain is not set: run `tuskling deploy init`, or write the name of your instance into tuskling.toml")
        })?;
        if config::is_local_domain(&domain) && !world.has_custom_endpoint() {
            bail!("{domain} is a name of this machine; deploy.domain must be one that you own");
        }
        let fits =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        let is_name = environment.chars().all(fits)
            && (2..=16).contains(&environment.len())
            && environment.starts_with(|first: char| first.is_ascii_lowercase())
            && !environment.ends_with('-');
        if !is_name {
            bail!(
                "--env {environment:?}: write 2 to 16 lower-case letters, digits or hyphens, like staging"
            );
        }
        Ok(Self { world, settings, domain, environment: environment.to_owned() })
    }

    /// Where this deployment's files are.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.settings.folder.join(&self.environment)
    }

    fn suffix(&self) -> String {
        let of_name = || {
            let hash =
                hex::encode(Sha256::digest(format!("{}/{}", self.domain, self.settings.region)));
            hash.chars().take(10).collect()
        };
        self.settings.bucket_suffix.clone().unwrap_or_else(of_name)
    }

    /// The bucket of the state. Its name follows from the settings, so that any machine finds it.
    #[must_use]
    pub fn state_bucket(&self) -> String {
        format!("tuskling-{}-state-{}", self.environment, self.suffix())
    }

    fn api(&self) -> &'static str {
        if self.world.has_custom_endpoint() { "custom" } else { "aws" }
    }

    /// The variables of the module.
    ///
    /// # Errors
    /// When the contact is missing.
    pub fn variables(&self, release: &Release) -> anyhow::Result<Value> {
        let settings = &self.settings;
        let contact = settings.contact.as_ref().ok_or_else(|| {
            anyhow!("deploy.contact is not set: write your mail address into tuskling.toml, for alarms and certificates")
        })?;
        let file = release
            .file
            .canonicalize()
            .with_context(|| format!("the release {}", release.file.display()))?;
        let file = file.to_str().context("the path of the release is not in UTF-8")?;
        Ok(json!({
            "domain": self.domain,
            "region": settings.region,
            "environment": self.environment,
            "shape": settings.shape.name(),
            "architecture": settings.architecture.name(),
            "edge_instance_type": settings.edge_instance_type,
            "app_instance_type": settings.app_instance_type,
            "spot": settings.spot,
            "root_volume_gb": settings.root_volume_gb,
            "data_volume_gb": settings.data_volume_gb,
            "availability_zone": settings.availability_zone,
            "ami_id": settings.ami_id,
            "dns": settings.dns.name(),
            "zone_name": settings.zone_name,
            "zone_id": settings.zone_id,
            "mail": settings.mail,
            "contact": contact,
            "alarms": settings.alarms,
            "budget_usd": settings.budget_usd,
            "bucket_suffix": settings.bucket_suffix,
            "api": self.api(),
            "release": {"version": release.version, "sha256": release.sha256, "file": file},
        }))
    }

    /// Terraform with the module in place and the state at hand; `None` when nothing was ever deployed.
    ///
    /// # Errors
    /// When Terraform, AWS or the folder do not do.
    pub fn open(&self) -> anyhow::Result<Option<Terraform<'w>>> {
        self.check_domain()?;
        let folder = self.folder().join("aws");
        module::write(&folder, module::MODULE)?;
        let terraform = Terraform::new(self.world, &folder);
        match terraform.init(&self.backend()) {
            Ok(()) => Ok(Some(terraform)),
            Err(said) if is_missing_bucket(&said) => Ok(None),
            Err(said) => Err(words::explain(&said)),
        }
    }

    /// The same; makes the bucket of the state when there is none.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_or_begin(&self) -> anyhow::Result<Terraform<'w>> {
        if let Some(terraform) = self.open()? {
            return Ok(terraform);
        }
        (self.world.say)(&format!("Making the bucket of the state: {}.", self.state_bucket()));
        let folder = self.folder().join("state");
        module::write(&folder, module::BOOTSTRAP)?;
        let variables = json!({
            "region": self.settings.region, "bucket": self.state_bucket(), "environment": self.environment, "api": self.api(),
        });
        fs::write(folder.join("terraform.tfvars.json"), format!("{variables:#}\n"))?;
        let bootstrap = Terraform::new(self.world, &folder);
        bootstrap.init(&[]).map_err(|said| words::explain(&said))?;
        bootstrap.run("apply", &["-auto-approve".into()])?;
        self.open()?.context(
            "the bucket of the state was made and cannot be found; run the same command again",
        )
    }

    /// Writes the variables for the next plan.
    ///
    /// # Errors
    /// When the folder cannot be written or a setting is missing.
    pub fn write_variables(
        &self,
        terraform: &Terraform<'_>,
        release: &Release,
    ) -> anyhow::Result<()> {
        let text = format!("{:#}\n", self.variables(release)?);
        let path = terraform.folder().join("terraform.tfvars.json");
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        fs::write(self.folder().join("domain"), format!("{}\n", self.domain))?;
        Ok(())
    }

    /// Another domain would be another instance with other buckets, beside the one that is there.
    fn check_domain(&self) -> anyhow::Result<()> {
        let Ok(before) = fs::read_to_string(self.folder().join("domain")) else { return Ok(()) };
        if before.trim() == self.domain {
            return Ok(());
        }
        bail!(
            "{} was deployed here as environment {}, and the settings now say {}. A name is for ever: put it back, or deploy the \
             new one beside it with --env NAME.",
            before.trim(),
            self.environment,
            self.domain
        )
    }

    fn backend(&self) -> Vec<String> {
        let mut lines = vec![
            format!("bucket={}", self.state_bucket()),
            "key=tuskling/terraform.tfstate".to_owned(),
            format!("region={}", self.settings.region),
            "encrypt=true".to_owned(),
            "use_lockfile=true".to_owned(),
        ];
        if self.api() == "custom" {
            let usual = [
                "use_path_style",
                "skip_credentials_validation",
                "skip_metadata_api_check",
                "skip_requesting_account_id",
                "skip_region_validation",
            ];
            lines.extend(usual.map(|name| format!("{name}=true")));
        }
        lines
    }

    /// The password of the backups, made at first need and kept in a file that only its owner reads.
    ///
    /// # Errors
    /// When the file cannot be read or made.
    pub fn recovery_key(&self) -> anyhow::Result<String> {
        recovery_key(&self.settings.recovery_key_file, self.world)
    }
}

fn is_missing_bucket(said: &str) -> bool {
    let said = said.to_lowercase();
    (said.contains("s3 bucket") && said.contains("does not exist")) || said.contains("nosuchbucket")
}

/// Reads the key, or makes one and says where it is.
///
/// # Errors
/// When the file cannot be read or made.
pub fn recovery_key(file: &Path, world: &World<'_>) -> anyhow::Result<String> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    if file.exists() {
        let key =
            fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        if key.trim().len() < 16 {
            bail!(
                "{} holds fewer than 16 letters, which is no password for backups",
                file.display()
            );
        }
        return Ok(key.trim().to_owned());
    }
    let key = (world.secret)();
    let mut opened = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .with_context(|| format!("cannot make {}", file.display()))?;
    opened.write_all(format!("{key}\n").as_bytes())?;
    (world.say)(&format!(
        "The key of your backups is in {}. Keep a copy outside this machine: without it no backup can be read.",
        file.display()
    ));
    Ok(key)
}
