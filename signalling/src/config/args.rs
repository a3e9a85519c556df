//! The settings as flags, environment variables and keys of the file: one struct for all three.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use serde::Deserialize;

use super::values::{Cidr, Filter, Listen, Origin, Server, Span, TcpPort, Url};

/// Confab: video conferencing in one program.
///
/// Open the printed address in a browser, create a room, share its link. Each flag can also be given as the
/// environment variable shown with it, or under its name (without the dashes) in the file that --config names.
/// A flag wins over a variable, a variable over the file.
#[derive(Debug, Parser)]
#[command(name = "confab", version, max_term_width = 100)]
pub(super) struct Cli {
    /// Read settings from this TOML file, for example: listen = "0.0.0.0:443"
    #[arg(long, value_name = "FILE", env = "CONFAB_CONFIG")]
    pub(super) config: Option<PathBuf>,

    #[command(flatten)]
    pub(super) settings: Settings,

    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

/// What to do other than to serve.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make an account an administrator, or take that back
    #[command(subcommand)]
    Admin(Admin),
    /// Fill the data folder with a small made-up community, to try Confab out
    Demo,
}

/// What to do with administrators.
#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// Make an account an administrator
    Grant {
        /// Its username
        username: String,
    },
    /// Make an administrator an ordinary account
    Revoke {
        /// Its username
        username: String,
    },
}

/// What can be set. Nothing has a default here, so that absence can be told from the default's value.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Settings {
    /// Address and TCP port for the web app, the API and WebSockets [default: 0.0.0.0:8080]
    #[arg(long, value_name = "ADDR:PORT", env = "CONFAB_LISTEN")]
    pub(super) listen: Option<SocketAddr>,

    /// Folder for rooms, the server's secret and certificates; made if it is missing [default: ./data]
    #[arg(long, value_name = "DIR", env = "CONFAB_DATA_DIR")]
    pub(super) data_dir: Option<PathBuf>,

    /// Base of the links that people share, for example https://meet.example.org [default: the address that the
    /// browser used]
    #[arg(long, value_name = "URL", env = "CONFAB_PUBLIC_URL")]
    pub(super) public_url: Option<Url>,

    /// First UDP port for audio and video; worker n uses this port plus n; 0 lets the system choose. Open these
    /// ports in the firewall [default: the number of the listen port]
    #[arg(long, value_name = "PORT", env = "CONFAB_MEDIA_PORT")]
    pub(super) media_port: Option<u16>,

    /// First TCP port for audio and video where a network lets no UDP through; worker n uses this port plus n; 0 takes
    /// the numbers of the UDP ports; "off" does without [default: the number of media-port, or the one after the
    /// listen port where they would meet]
    #[arg(long, value_name = "PORT", env = "CONFAB_MEDIA_TCP_PORT")]
    pub(super) media_tcp_port: Option<TcpPort>,

    /// Threads that forward media, each with its own ports, 1 to 256 [default: one for each processor]
    #[arg(long, value_name = "N", env = "CONFAB_MEDIA_WORKERS")]
    pub(super) media_workers: Option<usize>,

    /// Address at which clients reach the media ports, where that is not an address of this machine (cloud, NAT);
    /// repeatable [default: this machine's addresses]
    #[arg(long, value_name = "IP", env = "CONFAB_PUBLIC_ADDRESS", value_delimiter = ',')]
    pub(super) public_address: Vec<IpAddr>,

    /// Address and port for Prometheus metrics at /metrics, or "off"; keep it private [default: 127.0.0.1:9464]
    #[arg(long, value_name = "ADDR:PORT", env = "CONFAB_METRICS_LISTEN")]
    pub(super) metrics_listen: Option<Listen>,

    /// Certificate chain for https, a PEM file; needs --tls-key
    #[arg(long, value_name = "FILE", env = "CONFAB_TLS_CERT")]
    pub(super) tls_cert: Option<PathBuf>,

    /// Private key of --tls-cert, a PEM file
    #[arg(long, value_name = "FILE", env = "CONFAB_TLS_KEY")]
    pub(super) tls_key: Option<PathBuf>,

    /// Get certificates for this domain from Let's Encrypt; the server must be reachable there on port 443;
    /// repeatable
    #[arg(long, value_name = "DOMAIN", env = "CONFAB_ACME_DOMAIN", value_delimiter = ',')]
    pub(super) acme_domain: Vec<String>,

    /// Where Let's Encrypt may write to when a certificate is in danger
    #[arg(long, value_name = "EMAIL", env = "CONFAB_ACME_EMAIL")]
    pub(super) acme_email: Option<String>,

    /// Use Let's Encrypt's staging service, to try out --acme-domain without its rate limits
    #[arg(
        long,
        env = "CONFAB_ACME_STAGING",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        value_name = "true|false"
    )]
    pub(super) acme_staging: Option<bool>,

    /// Origin whose pages may connect, for example https://www.example.org; repeatable [default: only the server's
    /// own pages]
    #[arg(long, value_name = "ORIGIN", env = "CONFAB_ALLOWED_ORIGIN", value_delimiter = ',')]
    pub(super) allowed_origin: Vec<Origin>,

    /// Address or network (CIDR) of a reverse proxy whose X-Forwarded-For and X-Forwarded-Proto headers are
    /// believed; repeatable [default: none]
    #[arg(long, value_name = "CIDR", env = "CONFAB_TRUSTED_PROXY", value_delimiter = ',')]
    pub(super) trusted_proxy: Vec<Cidr>,

    /// How long a room that nobody is in keeps existing: a number with s, m, h or d [default: 24h]
    #[arg(long, value_name = "DURATION", env = "CONFAB_EMPTY_ROOM_TTL")]
    pub(super) empty_room_ttl: Option<Span>,

    /// How long the chat of a room that nobody is in is kept, so that a reload finds it again [default: 60s]
    #[arg(long, value_name = "DURATION", env = "CONFAB_EMPTY_ROOM_GRACE")]
    pub(super) empty_room_grace: Option<Span>,

    /// The most participants of one room, 1 to 500 [default: 100]
    #[arg(long, value_name = "N", env = "CONFAB_MAX_ROOM_PARTICIPANTS")]
    pub(super) max_room_participants: Option<usize>,

    /// Database for accounts and people, for example postgres://confab:password@localhost/confab [default: a SQLite
    /// file in the data folder]
    #[arg(long, value_name = "URL", env = "CONFAB_DATABASE_URL")]
    pub(super) database_url: Option<String>,

    /// Whether people may register by themselves [default: true]
    #[arg(long, value_name = "true|false", env = "CONFAB_REGISTRATION")]
    pub(super) registration: Option<bool>,

    /// How long a deleted account can be restored: a number with s, m, h or d [default: 14d]
    #[arg(long, value_name = "DURATION", env = "CONFAB_DELETION_GRACE")]
    pub(super) deletion_grace: Option<Span>,

    /// Server that sends mail: smtps://user:password@mail.example.org:465, or smtp://..:587 for STARTTLS; needs
    /// --mail-from and --public-url [default: mails are written to the folder outbox in the data folder]
    #[arg(long, value_name = "URL", env = "CONFAB_SMTP_URL")]
    pub(super) smtp_url: Option<String>,

    /// Who mail comes from, for example "Confab <confab@example.org>"
    #[arg(long, value_name = "ADDRESS", env = "CONFAB_MAIL_FROM")]
    pub(super) mail_from: Option<String>,

    /// Show mails that were not sent at /outbox, to browsers on this machine: for trying out and developing only
    #[arg(
        long,
        env = "CONFAB_DEV",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        value_name = "true|false"
    )]
    pub(super) dev: Option<bool>,

    /// STUN or TURN server for clients that cannot reach the media ports, for example
    /// turn:user:credential@turn.example.org:3478; repeatable [default: none]
    #[arg(long, value_name = "URL", env = "CONFAB_ICE_SERVER", value_delimiter = ',')]
    pub(super) ice_server: Vec<Server>,

    /// What is logged to stderr: error, warn, info, debug, trace, also by module (confab_sfu=debug) [default: info]
    #[arg(long, value_name = "FILTER", env = "CONFAB_LOG")]
    pub(super) log: Option<Filter>,

    /// Multiplies all rate limits; for browser tests that all come from one address
    #[arg(long, value_name = "N", env = "CONFAB_RATE_LIMIT_SCALE", hide = true)]
    pub(super) rate_limit_scale: Option<u32>,
}

impl Settings {
    /// These settings, and `other`'s where these say nothing.
    pub(super) fn or(self, other: Self) -> Self {
        fn list<T>(mine: Vec<T>, other: Vec<T>) -> Vec<T> {
            if mine.is_empty() { other } else { mine }
        }
        Self {
            listen: self.listen.or(other.listen),
            data_dir: self.data_dir.or(other.data_dir),
            public_url: self.public_url.or(other.public_url),
            media_port: self.media_port.or(other.media_port),
            media_tcp_port: self.media_tcp_port.or(other.media_tcp_port),
            media_workers: self.media_workers.or(other.media_workers),
            public_address: list(self.public_address, other.public_address),
            metrics_listen: self.metrics_listen.or(other.metrics_listen),
            tls_cert: self.tls_cert.or(other.tls_cert),
            tls_key: self.tls_key.or(other.tls_key),
            acme_domain: list(self.acme_domain, other.acme_domain),
            acme_email: self.acme_email.or(other.acme_email),
            acme_staging: self.acme_staging.or(other.acme_staging),
            allowed_origin: list(self.allowed_origin, other.allowed_origin),
            trusted_proxy: list(self.trusted_proxy, other.trusted_proxy),
            empty_room_ttl: self.empty_room_ttl.or(other.empty_room_ttl),
            empty_room_grace: self.empty_room_grace.or(other.empty_room_grace),
            max_room_participants: self.max_room_participants.or(other.max_room_participants),
            database_url: self.database_url.or(other.database_url),
            registration: self.registration.or(other.registration),
            deletion_grace: self.deletion_grace.or(other.deletion_grace),
            smtp_url: self.smtp_url.or(other.smtp_url),
            mail_from: self.mail_from.or(other.mail_from),
            dev: self.dev.or(other.dev),
            ice_server: list(self.ice_server, other.ice_server),
            log: self.log.or(other.log),
            rate_limit_scale: self.rate_limit_scale.or(other.rate_limit_scale),
        }
    }
}
