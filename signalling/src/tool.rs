//! What the program does other than to serve.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use confab_signalling::config::{Action, Config};
use confab_social::clock::SystemClock;
use confab_social::{Social, secrets};

/// Does what the program was started for; what it says at the end.
pub(crate) async fn run(config: &Config) -> anyhow::Result<String> {
    std::fs::create_dir_all(&config.data_dir).context("cannot make the data folder")?;
    // A server may run beside this: the database takes care of both.
    let social = Social::open(config.social(), Arc::new(SystemClock), secrets::system_rng()?).await?;
    let done = match &config.action {
        Action::GrantAdmin(username) => set_admin(&social, username, true).await?,
        Action::RevokeAdmin(username) => set_admin(&social, username, false).await?,
        Action::Demo | Action::Serve => social.fill_with_demo().await?,
    };
    social.close().await;
    Ok(done)
}

async fn set_admin(social: &Social, username: &str, is_admin: bool) -> anyhow::Result<String> {
    if !social.set_admin(username, is_admin).await? {
        bail!("there is no account with the username {username}");
    }
    let now = if is_admin { "an administrator" } else { "an ordinary account" };
    Ok(format!("{username} is {now} now.\n"))
}
