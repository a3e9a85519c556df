//! The configuration: parsed once, checked once, and right from then on.
//!
//! A flag wins over an environment variable, that over the file, that over the default.

mod args;
mod values;

use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{CommandFactory as _, FromArgMatches as _};
use confab_sfu::SfuConfig;
use confab_social::config::{DatabaseUrl, MailConfig, SmtpUrl, SocialConfig};
use ipnet::IpNet;

use self::args::{Admin, Cli, Command, Settings};
pub use self::values::Listen;
use crate::protocol::IceServer;

/// How the server identifies itself to browsers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// Plain HTTP: on localhost, or behind a reverse proxy.
    Off,
    /// A certificate and its key, as PEM files.
    Files {
        /// The certificate chain.
        certificate: PathBuf,
        /// The private key.
        key: PathBuf,
    },
    /// Certificates from Let's Encrypt.
    Acme {
        /// The domains, at least one.
        domains: Vec<String>,
        /// Whom the authority may write to.
        email: Option<String>,
        /// Whether to use the staging authority, whose certificates nobody trusts.
        staging: bool,
    },
}

/// The server's whole configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where HTTP and WebSockets are served.
    pub listen: SocketAddr,
    /// Where rooms, secrets and certificates are kept.
    pub data_dir: PathBuf,
    /// The base of links, without a slash at its end; otherwise it is taken from each request.
    pub public_url: Option<String>,
    /// The first UDP port of the SFU. 0 lets the system choose.
    pub media_port: u16,
    /// The first TCP port of the SFU, if it has any. 0 takes the numbers of the UDP ports.
    pub media_tcp_port: Option<u16>,
    /// Workers of the SFU.
    pub media_workers: usize,
    /// Addresses to announce in place of this machine's own.
    pub public_addresses: Vec<IpAddr>,
    /// Where metrics are served.
    pub metrics_listen: Listen,
    /// How the server identifies itself.
    pub tls: Tls,
    /// Origins whose pages may connect. Empty: only the server's own.
    pub allowed_origins: Vec<String>,
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// How long a room that nobody is in keeps existing.
    pub empty_room_ttl: Duration,
    /// How long the live state (chat) of a room that nobody is in is kept, so that a reload finds it.
    pub empty_room_grace: Duration,
    /// Participants of one room.
    pub max_room_participants: usize,
    /// The database for accounts and people, unless it is a SQLite file.
    pub database_url: Option<DatabaseUrl>,
    /// Whether people may register.
    pub registration: bool,
    /// How long a deleted account can be restored.
    pub deletion_grace: Duration,
    /// How mail is sent.
    pub mail: MailConfig,
    /// Whether mails that were not sent are shown to browsers on this machine.
    pub development: bool,
    /// Servers for the clients' peer connections.
    pub ice_servers: Vec<IceServer>,
    /// What is logged, as a filter of tracing-subscriber.
    pub log: String,
    /// Multiplies all rate limits. For tests that come from one address.
    pub rate_limit_scale: u32,
    /// What to do.
    pub action: Action,
}

/// What the program was started for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// To serve.
    Serve,
    /// To make the account of this name an administrator.
    GrantAdmin(String),
    /// To take that back.
    RevokeAdmin(String),
    /// To fill the data folder with a made-up community.
    Demo,
}

impl From<Option<Command>> for Action {
    fn from(command: Option<Command>) -> Self {
        match command {
            None => Self::Serve,
            Some(Command::Demo) => Self::Demo,
            Some(Command::Admin(Admin::Grant { username })) => Self::GrantAdmin(username),
            Some(Command::Admin(Admin::Revoke { username })) => Self::RevokeAdmin(username),
        }
    }
}

/// What ends the program before it starts.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not an error: the text that `--help` or `--version` asked for.
    #[error("{0}")]
    Help(String),
    /// One line that says what is wrong.
    #[error("{0}")]
    Invalid(String),
}

impl ConfigError {
    fn invalid(text: impl ToString) -> Self {
        Self::Invalid(text.to_string())
    }
}

impl Config {
    /// Reads the configuration from the program's arguments, the environment and the file that they name.
    ///
    /// # Errors
    /// The text of `--help`, or one line on the first thing that is wrong.
    pub fn load(args: impl IntoIterator<Item = OsString>) -> Result<Self, ConfigError> {
        // An environment variable may hold a credential, which help must not show.
        let command = Cli::command().mut_args(|argument| argument.hide_env_values(true).global(true));
        let parsed = command.try_get_matches_from(args).and_then(|matches| Cli::from_arg_matches(&matches));
        let cli = parsed.map_err(|error| match error.use_stderr() {
            false => ConfigError::Help(error.render().to_string()),
            true => ConfigError::Invalid(one_line(&error.render().to_string())),
        })?;
        let file = cli.config.as_deref().map_or_else(|| Ok(Settings::default()), read_file)?;
        Ok(Self { action: cli.command.into(), ..Self::build(cli.settings.or(file))? })
    }

    fn build(given: Settings) -> Result<Self, ConfigError> {
        let tls = tls(&given)?;
        let mail = mail(&given)?;
        let listen = given.listen.unwrap_or(SocketAddr::from(([0, 0, 0, 0], 8080)));
        let sfu = SfuConfig::default();
        let media_port = given.media_port.unwrap_or(listen.port());
        let media_workers = given.media_workers.unwrap_or(sfu.workers);
        // The same numbers as of UDP, unless the web has one of them: a port has one listener.
        let web_place = listen.port().checked_sub(media_port).map(usize::from);
        let meets_web = media_port != 0 && web_place.is_some_and(|place| place < media_workers);
        let beside = if meets_web { listen.port().saturating_add(1) } else { media_port };
        let config = Self {
            listen,
            data_dir: given.data_dir.unwrap_or_else(|| PathBuf::from("data")),
            public_url: given.public_url.map(|url| url.0),
            media_port,
            media_tcp_port: given.media_tcp_port.map_or(Some(beside), |port| port.0),
            media_workers,
            public_addresses: given.public_address,
            metrics_listen: given.metrics_listen.unwrap_or(Listen::At(SocketAddr::from(([127, 0, 0, 1], 9464)))),
            tls,
            allowed_origins: given.allowed_origin.into_iter().map(|origin| origin.0).collect(),
            trusted_proxies: given.trusted_proxy.into_iter().map(|proxy| proxy.0).collect(),
            empty_room_ttl: given.empty_room_ttl.map_or(Duration::from_secs(24 * 3600), |ttl| ttl.0),
            empty_room_grace: given.empty_room_grace.map_or(Duration::from_secs(60), |grace| grace.0),
            max_room_participants: given.max_room_participants.unwrap_or(100),
            database_url: given.database_url.map(DatabaseUrl),
            registration: given.registration.unwrap_or(true),
            deletion_grace: given.deletion_grace.map_or(Duration::from_secs(14 * 24 * 3600), |grace| grace.0),
            mail,
            development: given.dev.unwrap_or(false),
            ice_servers: given.ice_server.into_iter().map(|server| server.0).collect(),
            log: given.log.map_or_else(|| "info".to_owned(), |filter| filter.0),
            rate_limit_scale: given.rate_limit_scale.unwrap_or(1),
            action: Action::Serve,
        };
        config.check(&sfu)?;
        Ok(config)
    }

    fn check(&self, sfu: &SfuConfig) -> Result<(), ConfigError> {
        let within = |name: &str, value: usize, least: usize, most: usize| match (least..=most).contains(&value) {
            true => Ok(()),
            false => Err(ConfigError::invalid(format!("{name} must be from {least} to {most}, not {value}"))),
        };
        within("media-workers", self.media_workers, 1, 256)?;
        within("max-room-participants", self.max_room_participants, 1, sfu.max_room_peers)?;
        if self.public_url.is_none() && matches!(self.mail, MailConfig::Smtp { .. }) {
            return Err(ConfigError::invalid("smtp-url needs public-url: the links in mails begin with it"));
        }
        let is_postgres =
            |url: &DatabaseUrl| ["postgres://", "postgresql://"].iter().any(|kind| url.0.starts_with(kind));
        if self.database_url.as_ref().is_some_and(|url| !is_postgres(url)) {
            return Err(ConfigError::invalid("database-url must begin with postgres://; SQLite needs none"));
        }
        within("rate-limit-scale", self.rate_limit_scale as usize, 1, 1_000_000)?;
        for (name, port) in [("media-port", self.media_port), ("media-tcp-port", self.media_tcp_port.unwrap_or(0))] {
            let workers = self.media_workers;
            if port != 0 && usize::from(port) + workers - 1 > usize::from(u16::MAX) {
                return Err(ConfigError::invalid(format!(
                    "{name} {port} leaves no ports for {workers} workers: use a lower port or fewer media-workers"
                )));
            }
        }
        Ok(())
    }

    /// The SFU's part.
    pub fn sfu(&self) -> SfuConfig {
        SfuConfig {
            workers: self.media_workers,
            media_port: self.media_port,
            tcp_port: self.media_tcp_port,
            public_addresses: self.public_addresses.clone(),
            max_room_peers: self.max_room_participants,
            ..SfuConfig::default()
        }
    }

    /// The part of accounts and people.
    pub fn social(&self) -> SocialConfig {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        SocialConfig {
            database_url: self.database_url.clone(),
            data_dir: self.data_dir.clone(),
            base_url: self.public_url.clone().unwrap_or_else(|| self.local_url()),
            registration: self.registration,
            development: self.development,
            deletion_grace: self.deletion_grace,
            // Half of the cores: whoever tries passwords must leave the rest to calls.
            hash_threads: (cores / 2).max(1),
            rate_limit_scale: self.rate_limit_scale,
            mail: self.mail.clone(),
        }
    }

    /// Where a browser on this machine finds the server; with a certificate, where everybody does.
    fn local_url(&self) -> String {
        match &self.tls {
            Tls::Acme { domains, .. } => format!("https://{}", domains.first().map_or("localhost", String::as_str)),
            Tls::Files { .. } => format!("https://localhost:{}", self.listen.port()),
            Tls::Off => format!("http://localhost:{}", self.listen.port()),
        }
    }

    /// Whether this server itself speaks TLS.
    pub fn is_tls(&self) -> bool {
        self.tls != Tls::Off
    }
}

fn tls(given: &Settings) -> Result<Tls, ConfigError> {
    match (&given.tls_cert, &given.tls_key, given.acme_domain.is_empty()) {
        (None, None, true) => Ok(Tls::Off),
        (Some(certificate), Some(key), true) => Ok(Tls::Files { certificate: certificate.clone(), key: key.clone() }),
        (None, None, false) => Ok(Tls::Acme {
            domains: given.acme_domain.clone(),
            email: given.acme_email.clone(),
            staging: given.acme_staging.unwrap_or(false),
        }),
        (_, _, false) => Err(ConfigError::invalid("use either tls-cert and tls-key or acme-domain, not both")),
        (_, _, true) => Err(ConfigError::invalid("tls-cert and tls-key go together: one of them is missing")),
    }
}

fn mail(given: &Settings) -> Result<MailConfig, ConfigError> {
    match (&given.smtp_url, &given.mail_from) {
        (None, None) => Ok(MailConfig::Outbox),
        (Some(url), Some(from)) => Ok(MailConfig::Smtp { url: SmtpUrl(url.clone()), from: from.clone() }),
        _ => Err(ConfigError::invalid("smtp-url and mail-from go together: one of them is missing")),
    }
}

fn read_file(path: &Path) -> Result<Settings, ConfigError> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError::invalid(format!("cannot read the configuration file {shown}: {error}")))?;
    toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        ConfigError::invalid(format!("{shown}, line {line}: {}", one_line(error.message())))
    })
}

/// The first paragraph of an error, on one line.
fn one_line(text: &str) -> String {
    let text = text.strip_prefix("error: ").unwrap_or(text);
    let paragraph = text.split("\n\n").next().unwrap_or(text);
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
