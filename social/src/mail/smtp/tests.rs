use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::*;

fn sender() -> Sender {
    Sender::new("Confab", "confab@example.org").unwrap()
}

fn message() -> Message {
    Message {
        to: "ann@example.com".into(),
        subject: "Hello".into(),
        text: "Plain text".into(),
        html: "<p>HTML</p>".into(),
    }
}

#[test]
fn addresses_say_host_and_tls() {
    let table = [
        ("smtps://user:password@mail.example.org:465", Ok(("mail.example.org", Tls::Implicit))),
        ("smtps://mail.example.org", Ok(("mail.example.org", Tls::Implicit))),
        ("smtp://mail.example.org:587?tls=required", Ok(("mail.example.org", Tls::Required))),
        ("smtp://user%40example.org:p%2Fw@mail.example.org:587", Ok(("mail.example.org", Tls::Required))),
        ("smtp://127.0.0.1:2525?tls=off", Ok(("127.0.0.1", Tls::Off))),
        ("smtp://user:password@127.0.0.1:2525?tls=off", Ok(("127.0.0.1", Tls::Off))),
        ("smtp://[::1]:2525?tls=off", Err(SmtpUrlError::Invalid)),
        ("smtp://localhost:2525?tls=off", Ok(("localhost", Tls::Off))),
        ("smtp://mail.example.org:25?tls=off", Err(SmtpUrlError::Unprotected)),
        ("smtp://127.0.0.1.example.org:25?tls=off", Err(SmtpUrlError::Unprotected)),
        ("smtp://localhost.example.org:25?tls=off", Err(SmtpUrlError::Unprotected)),
        ("smtp://[::2]:25?tls=off", Err(SmtpUrlError::Invalid)),
        ("smtp://10.0.0.1:25?tls=off", Err(SmtpUrlError::Unprotected)),
        ("smtps://mail.example.org?tls=off", Err(SmtpUrlError::Invalid)),
        ("smtp://mail.example.org?tls=opportunistic", Err(SmtpUrlError::Invalid)),
        ("smtp://mail.example.org?tls=required&tls=off", Err(SmtpUrlError::Invalid)),
        ("smtp://mail.example.org?x=1", Err(SmtpUrlError::Invalid)),
        ("smtp://user@mail.example.org", Err(SmtpUrlError::Invalid)),
        ("smtp://mail.example.org/path", Err(SmtpUrlError::Invalid)),
        ("smtp://mail.example.org#fragment", Err(SmtpUrlError::Invalid)),
        ("smtp://", Err(SmtpUrlError::Invalid)),
        ("https://mail.example.org", Err(SmtpUrlError::Invalid)),
        ("mail.example.org:587", Err(SmtpUrlError::Invalid)),
        ("", Err(SmtpUrlError::Invalid)),
    ];
    for (address, expected) in table {
        let smtp = Smtp::new(address, sender());
        let seen = smtp.as_ref().map(|smtp| (smtp.host.as_str(), smtp.tls)).map_err(|error| *error);
        assert_eq!(seen, expected, "{address}");
    }
}

#[test]
fn the_password_is_not_printed() {
    let smtp = Smtp::new("smtps://user:canary@mail.example.org", sender()).unwrap();
    let transport = crate::mail::Transport::Smtp(Box::new(smtp.clone()));
    for printed in [format!("{smtp:?}"), format!("{transport:?}"), format!("{transport:#?}")] {
        assert!(printed.contains("mail.example.org") && !printed.contains("canary"), "{printed}");
    }
    let error = Smtp::new("smtp://user:canary@mail.example.org?tls=off", sender()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"));
}

/// How the mail server of a test answers.
#[derive(Clone, Copy, Default)]
struct Manners {
    /// To EHLO, besides its name.
    offers: Option<&'static str>,
    /// To AUTH, RCPT and the mail itself, where it is not what it should be.
    to_auth: Option<&'static str>,
    to_recipient: Option<&'static str>,
    to_mail: Option<&'static str>,
    /// Says nothing any more once it is asked for the recipient.
    falls_silent: bool,
    /// Hangs up then.
    hangs_up: bool,
}

/// A mail server for one mail. Afterwards it tells what it was sent, line by line.
async fn sink(manners: Manners) -> (u16, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        serve(stream, manners).await
    });
    (port, serving)
}

async fn serve(stream: TcpStream, manners: Manners) -> Vec<String> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let mut heard = Vec::new();
    let mut in_mail = false;
    writer.write_all(b"220 sink.test ESMTP\r\n").await.unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        heard.push(line.clone());
        let command = line.get(..4).unwrap_or(&line).to_ascii_uppercase();
        let offers = manners.offers.map_or_else(|| "250 sink.test".to_owned(), |o| format!("250-sink.test\r\n250 {o}"));
        let reply = match command.as_str() {
            _ if in_mail && line != "." => continue,
            "." => {
                in_mail = false;
                manners.to_mail.unwrap_or("250 kept")
            }
            "EHLO" => &offers,
            "AUTH" => manners.to_auth.unwrap_or("235 welcome"),
            "RCPT" if manners.hangs_up => break,
            "RCPT" if manners.falls_silent => continue,
            "RCPT" => manners.to_recipient.unwrap_or("250 ok"),
            "DATA" => {
                in_mail = true;
                "354 go on"
            }
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        if writer.write_all(format!("{reply}\r\n").as_bytes()).await.is_err() {
            break;
        }
    }
    heard
}

async fn send(manners: Manners, account: &str, query: &str) -> (Result<(), MailError>, Vec<String>) {
    let (port, serving) = sink(manners).await;
    let address = format!("smtp://{account}127.0.0.1:{port}{query}");
    // Only a server that will never answer is not worth waiting for.
    let reply = if manners.falls_silent { Duration::from_millis(300) } else { Duration::from_secs(60) };
    let whole = if manners.falls_silent { Duration::from_secs(1) } else { Duration::from_secs(60) };
    let smtp = Smtp::with_timeouts(&address, sender(), reply, whole).unwrap();
    let sent = smtp.send(&message(), SystemTime::UNIX_EPOCH).await;
    drop(smtp);
    (sent, serving.await.unwrap())
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let (sent, heard) = send(Manners::default(), "", "?tls=off").await;
    assert_eq!(sent, Ok(()), "{heard:?}");
    let heard = heard.join("\n");
    for part in [
        "EHLO example.org",
        "MAIL FROM:<confab@example.org>",
        "RCPT TO:<ann@example.com>",
        "From: Confab <confab@example.org>",
        "To: ann@example.com",
        "Subject: Hello",
        "Content-Type: multipart/alternative",
        "Plain text",
        "<p>HTML</p>",
    ] {
        assert!(heard.contains(part), "{part} in {heard}");
    }
}

#[tokio::test]
async fn it_signs_in_where_it_is_told_to() {
    let manners = Manners { offers: Some("AUTH PLAIN LOGIN"), ..Manners::default() };
    let (sent, heard) = send(manners, "user%40x:pa%3Ass@", "?tls=off").await;
    assert_eq!(sent, Ok(()), "{heard:?}");
    // "\0user@x\0pa:ss"
    assert!(heard.contains(&"AUTH PLAIN AHVzZXJAeABwYTpzcw==".to_owned()), "{heard:?}");
}

#[tokio::test]
async fn each_failure_has_its_name() {
    let fine = Manners::default();
    let table = [
        (Manners { to_recipient: Some("550 no such user"), ..fine }, "", MailError::Refused(550)),
        (Manners { to_recipient: Some("451 later"), ..fine }, "", MailError::Deferred(451)),
        (Manners { to_mail: Some("552 too much"), ..fine }, "", MailError::Refused(552)),
        (Manners { to_mail: Some("421 closing"), ..fine }, "", MailError::Deferred(421)),
        (Manners { offers: Some("AUTH PLAIN"), to_auth: Some("535 wrong"), ..fine }, "a:b@", MailError::Refused(535)),
        (Manners { falls_silent: true, ..fine }, "", MailError::TooSlow),
        (Manners { hangs_up: true, ..fine }, "", MailError::Unreachable),
        (fine, "a:b@", MailError::Unsuitable),
    ];
    for (number, (manners, account, expected)) in table.into_iter().enumerate() {
        let (sent, heard) = send(manners, account, "?tls=off").await;
        assert_eq!(sent, Err(expected), "row {number}: {heard:?}");
    }
}

#[tokio::test]
async fn without_tls_nothing_is_said() {
    let (sent, heard) = send(Manners::default(), "user:password@", "?tls=required").await;
    assert_eq!(sent, Err(MailError::Unsuitable));
    assert!(heard.iter().all(|line| !line.starts_with("MAIL") && !line.starts_with("AUTH")), "{heard:?}");
}

#[tokio::test]
async fn what_does_not_speak_tls_gets_nothing() {
    let (port, _serving) = sink(Manners::default()).await;
    let smtp = Smtp::new(&format!("smtps://127.0.0.1:{port}"), sender()).unwrap();
    let sent = smtp.send(&message(), SystemTime::UNIX_EPOCH).await;
    assert_eq!(sent, Err(MailError::Unreachable));
}

#[tokio::test]
async fn a_server_that_is_not_there_may_come_back() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let smtp = Smtp::new(&format!("smtp://127.0.0.1:{port}?tls=off"), sender()).unwrap();
    assert_eq!(smtp.send(&message(), SystemTime::UNIX_EPOCH).await, Err(MailError::Unreachable));
}
