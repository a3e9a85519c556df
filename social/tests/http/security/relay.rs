//! A mail server that reads every mail and then says how it likes it.

use std::sync::{Arc, Mutex};

use confab_social::config::{MailConfig, SmtpUrl, SocialConfig};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{soon, token_in};

/// The server.
pub struct Relay {
    port: u16,
    mails: Arc<Mutex<Vec<String>>>,
}

impl Relay {
    /// One that answers every mail with this line.
    pub async fn start(verdict: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mails = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&mails);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, verdict, Arc::clone(&kept)));
            }
        });
        Self { port, mails }
    }

    /// Makes a server of ours send its mail here.
    pub fn configure(&self, config: &mut SocialConfig) {
        let url = SmtpUrl(format!("smtp://127.0.0.1:{}?tls=off", self.port));
        config.mail = MailConfig::Smtp { url, from: "confab@example.org".into() };
    }

    /// The token of the newest mail whose link has this path.
    pub async fn token(&self, path: &str) -> String {
        let look = async {
            loop {
                let found = self.mails.lock().unwrap().iter().rev().find(|mail| mail.contains(path)).cloned();
                match found {
                    Some(mail) => return token_in(&mail, path),
                    None => tokio::time::sleep(std::time::Duration::from_millis(5)).await,
                }
            }
        };
        soon(look).await
    }
}

async fn serve(stream: TcpStream, verdict: &str, mails: Arc<Mutex<Vec<String>>>) {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let mut mail: Option<String> = None;
    let _ = writer.write_all(b"220 relay.test ESMTP\r\n").await;
    while let Ok(Some(line)) = lines.next_line().await {
        let reply = match (&mut mail, line.as_str()) {
            (Some(text), ".") => {
                // Quoted-printable breaks long lines and writes `=` as `=3D`.
                mails.lock().unwrap().push(text.replace("=\n", "").replace("=3D", "="));
                mail = None;
                verdict
            }
            (Some(text), line) => {
                text.push_str(line);
                text.push('\n');
                continue;
            }
            (None, "DATA") => {
                mail = Some(String::new());
                "354 go on"
            }
            (None, "QUIT") => "221 bye",
            (None, _) => "250 ok",
        };
        if writer.write_all(format!("{reply}\r\n").as_bytes()).await.is_err() {
            return;
        }
    }
}
