use super::*;

fn load(args: &[&str]) -> Result<Config, ConfigError> {
    Config::load(std::iter::once("confab").chain(args.iter().copied()).map(OsString::from))
}

/// The error of a configuration that must be refused, on one line.
fn refused(args: &[&str]) -> String {
    let error = load(args).expect_err(&args.join(" ")).to_string();
    assert!(!error.contains('\n') && !error.starts_with("error"), "{error}");
    error
}

fn file(name: &str, text: &str) -> String {
    let path = crate::test_folder(name).join("confab.toml");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn without_settings_everything_has_its_default() {
    let config = load(&[]).unwrap();
    assert_eq!(config.listen, "0.0.0.0:8080".parse().unwrap());
    assert_eq!((config.media_port, config.max_room_participants), (8080, 100));
    assert_eq!(config.media_tcp_port, Some(8081), "the web has 8080");
    assert_eq!(config.metrics_listen, "127.0.0.1:9464".parse().unwrap());
    assert_eq!(config.empty_room_ttl, Duration::from_secs(24 * 3600));
    assert_eq!((config.tls, config.rate_limit_scale), (Tls::Off, 1));
}

#[test]
fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
    let text = "listen = '127.0.0.1:7000'\nmedia-port = 7100\nmedia-tcp-port = 7300\nempty-room-ttl = '10m'\npublic-address = ['192.0.2.1']";
    let path = file("config-precedence", text);
    let config = load(&["--config", &path, "--media-port", "7200"]).unwrap();
    assert_eq!(config.listen.port(), 7000);
    assert_eq!(config.media_port, 7200);
    assert_eq!(config.empty_room_ttl, Duration::from_secs(600));
    assert_eq!(config.public_addresses, [IpAddr::from([192, 0, 2, 1])]);
    assert_eq!(config.media_tcp_port, Some(7300));
    let beside = load(&["--listen", "[::1]:7001", "--media-port", "7000", "--media-workers", "2"]).unwrap();
    assert_eq!(beside.media_tcp_port, Some(7002));
    assert_eq!(load(&["--media-port", "7200"]).unwrap().media_tcp_port, Some(7200));
    assert_eq!(load(&["--listen", "[::]:9000"]).unwrap().media_port, 9000);
    for (value, port) in [("off", None), ("0", Some(0)), ("443", Some(443))] {
        assert_eq!(load(&["--media-tcp-port", value]).unwrap().media_tcp_port, port);
    }
}

#[test]
fn ice_servers_have_accounts_or_none() {
    let config =
        load(&["--ice-server", "turn:ann:se:cr@t@turn.example.org:3478", "--ice-server", "stun:s.example"]).unwrap();
    let turn = &config.ice_servers[0];
    assert_eq!(turn.urls, ["turn:turn.example.org:3478"]);
    assert_eq!((turn.username.as_deref(), turn.credential.as_deref()), (Some("ann"), Some("se:cr@t")));
    assert_eq!(config.ice_servers[1].credential, None);
}

#[test]
fn every_wrong_value_is_named_in_one_line() {
    for (flag, value) in [
        ("--listen", "8080"),
        ("--media-port", "70000"),
        ("--media-tcp-port", "on"),
        ("--media-workers", "0"),
        ("--public-address", "example.org"),
        ("--metrics-listen", "on"),
        ("--public-url", "ftp://example.org"),
        ("--public-url", "https://example.org/path"),
        ("--allowed-origin", "https://Example.org"),
        ("--allowed-origin", "https://example.org/"),
        ("--allowed-origin", "null"),
        ("--trusted-proxy", "10.0.0.0/33"),
        ("--empty-room-ttl", "24"),
        ("--empty-room-ttl", "0s"),
        ("--max-room-participants", "501"),
        ("--ice-server", "turn:turn.example.org"),
        ("--ice-server", "http://example.org"),
        ("--log", "confab=loud"),
    ] {
        let error = refused(&[flag, value]);
        assert!(error.contains(flag.trim_start_matches('-')), "{flag} {value}: {error}");
    }
    assert!(refused(&["--tls-cert", "a.pem"]).contains("tls-key"));
    assert!(refused(&["--tls-cert", "a", "--tls-key", "b", "--acme-domain", "c"]).contains("acme-domain"));
    assert!(refused(&["--media-port", "65535", "--media-workers", "2"]).contains("media-port"));
    assert!(refused(&["--nonsense"]).contains("--nonsense"));
}

#[test]
fn a_wrong_file_is_named_with_its_line() {
    let path = file("config-unknown-key", "listen = '127.0.0.1:1'\nlistn = 1\n");
    let error = refused(&["--config", &path]);
    assert!(error.contains("line 2") && error.contains("listn"), "{error}");
    let path = file("config-wrong-value", "\nempty-room-ttl = 'soon'\n");
    assert!(refused(&["--config", &path]).contains("line 2: expected a duration"));
    assert!(refused(&["--config", "/nonexistent.toml"]).contains("/nonexistent.toml"));
}

#[test]
fn help_explains_every_flag_and_hides_none_that_matters() {
    let Err(ConfigError::Help(help)) = load(&["--help"]) else { panic!("no help") };
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for flag in ["--listen", "--acme-staging", "--ice-server", "CONFAB_TRUSTED_PROXY", "[default: 24h]"] {
        assert!(help.contains(flag), "{flag}");
    }
    assert!(!help.contains("rate-limit-scale"));
}
