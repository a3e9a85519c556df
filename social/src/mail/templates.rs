//! What mails say. English; one function each.
//!
//! A name comes from whoever registered with the address, who may be a stranger to it: it must not be able to say anything
//! of its own. So it is one line, escaped, and left out if it could be taken for a link.

use std::time::Duration;

use super::Message;

/// What all mails of a server share.
#[derive(Debug, Clone)]
pub struct Templates {
    base_url: String,
    server_name: String,
}

/// The parts of a mail.
struct Letter<'a> {
    subject: String,
    first_name: &'a str,
    /// What it is about, before the button.
    paragraphs: Vec<String>,
    /// A label and where it leads.
    button: Option<(&'static str, String)>,
    /// Below the button.
    afterwards: Vec<String>,
}

impl Templates {
    /// The address under which people reach the server (`https://meet.example.org`), from its configuration and never from
    /// a request; and its name.
    #[must_use]
    pub fn new(base_url: &str, server_name: &str) -> Self {
        Self { base_url: base_url.trim_end_matches('/').to_owned(), server_name: one_line(server_name) }
    }

    /// Somebody has registered with this address. The token is good for `valid`.
    #[must_use]
    pub fn verify(&self, to: &str, first_name: &str, token: &str, valid: Duration) -> Message {
        let server = &self.server_name;
        self.message(
            to,
            Letter {
                subject: format!("Confirm your e-mail address for {server}"),
                first_name,
                paragraphs: vec![format!("Welcome to {server}! Please confirm that this is your e-mail address.")],
                button: Some(("Confirm my address", format!("{}/verify#{token}", self.base_url))),
                afterwards: vec![
                    format!("The link works once, within {}.", span(valid)),
                    "If you have not registered, ignore this mail: nothing will happen.".to_owned(),
                ],
            },
        )
    }

    /// Somebody has registered with this address, which has an account already.
    #[must_use]
    pub fn already_registered(&self, to: &str, first_name: &str) -> Message {
        let server = &self.server_name;
        self.message(
            to,
            Letter {
                subject: format!("You already have an account on {server}"),
                first_name,
                paragraphs: vec![format!(
                    "Somebody has just tried to register on {server} with your e-mail address. You already have an \
                     account, so nothing has changed."
                )],
                button: Some(("Sign in", format!("{}/sign-in", self.base_url))),
                afterwards: vec![
                    format!("If you have forgotten your password, set a new one: {}/forgot", self.base_url),
                    "If it was not you, ignore this mail.".to_owned(),
                ],
            },
        )
    }

    /// Somebody has forgotten the password. The token is good for `valid`.
    #[must_use]
    pub fn reset(&self, to: &str, first_name: &str, token: &str, valid: Duration) -> Message {
        let server = &self.server_name;
        self.message(
            to,
            Letter {
                subject: format!("Set a new password for {server}"),
                first_name,
                paragraphs: vec![format!("Somebody, hopefully you, has asked to set a new password for {server}.")],
                button: Some(("Set a new password", format!("{}/reset#{token}", self.base_url))),
                afterwards: vec![
                    format!("The link works once, within {}. All your devices will be signed out.", span(valid)),
                    "If it was not you, ignore this mail: your password stays as it is.".to_owned(),
                ],
            },
        )
    }

    /// The password was changed, by whichever way.
    #[must_use]
    pub fn password_changed(&self, to: &str, first_name: &str) -> Message {
        let server = &self.server_name;
        self.message(
            to,
            Letter {
                subject: format!("Your password for {server} was changed"),
                first_name,
                paragraphs: vec![format!(
                    "The password of your account on {server} was just changed, and your other devices were signed out."
                )],
                button: None,
                afterwards: vec![format!("If it was not you, set a new password at once: {}/forgot", self.base_url)],
            },
        )
    }

    /// The account will be deleted at `deletion_at`, in milliseconds since 1970.
    #[must_use]
    pub fn deletion_requested(&self, to: &str, first_name: &str, deletion_at: u64) -> Message {
        let server = &self.server_name;
        self.message(
            to,
            Letter {
                subject: format!("Your account on {server} will be deleted"),
                first_name,
                paragraphs: vec![
                    format!("You have asked us to delete your account on {server}."),
                    format!("It will be gone for good on {}. Until then you can change your mind.", date(deletion_at)),
                ],
                button: Some(("Keep my account", format!("{}/restore", self.base_url))),
                afterwards: vec![format!(
                    "If it was not you, keep your account with the button above, and then set a new password: {}/forgot",
                    self.base_url
                )],
            },
        )
    }

    fn message(&self, to: &str, letter: Letter<'_>) -> Message {
        let greeting = greeting(letter.first_name);
        let text = self.text(&greeting, &letter);
        let html = self.html(&greeting, &letter);
        Message { to: to.to_owned(), subject: letter.subject, text, html }
    }

    fn text(&self, greeting: &str, letter: &Letter<'_>) -> String {
        let link = letter.button.iter().map(|(label, link)| format!("{label}:\n{link}"));
        let closing = format!("-- \n{}\n{}\n", self.server_name, self.base_url);
        let before = [greeting.to_owned()].into_iter().chain(letter.paragraphs.iter().cloned());
        let parts: Vec<String> = before.chain(link).chain(letter.afterwards.iter().cloned()).chain([closing]).collect();
        parts.join("\n\n")
    }

    /// Tables of nothing but inline styles: what mail programs agree on. Dark mode is theirs.
    fn html(&self, greeting: &str, letter: &Letter<'_>) -> String {
        let subject = escape(&letter.subject);
        let server = escape(&self.server_name);
        let paragraph = |text: &String| format!("<p style=\"margin:0 0 16px\">{}</p>\n", linked(text));
        let paragraphs: String = letter.paragraphs.iter().map(paragraph).collect();
        let small =
            |text: &String| format!("<p style=\"margin:0 0 12px;font-size:14px;color:#5b6472\">{}</p>\n", linked(text));
        let afterwards: String = letter.afterwards.iter().map(small).collect();
        let button = letter.button.as_ref().map_or_else(String::new, |(label, link)| {
            let link = escape(link);
            format!(
                "<p style=\"margin:24px 0\"><a href=\"{link}\" style=\"display:inline-block;padding:12px 24px;\
                 border-radius:8px;background:#2456d6;color:#ffffff;font-weight:600;text-decoration:none\">{label}</a></p>\n\
                 <p style=\"margin:0 0 16px;font-size:13px;color:#5b6472;word-break:break-all\">Or open this address: {link}</p>\n",
                label = escape(label),
            )
        });
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{subject}</title></head>\n\
             <body style=\"margin:0;padding:24px 12px;background:#f2f4f8\">\n\
             <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\"><tr><td align=\"center\">\n\
             <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" style=\"max-width:520px;\
             background:#ffffff;border-radius:12px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif;color:#1c2430\">\
             <tr><td style=\"padding:32px\">\n\
             <p style=\"margin:0 0 24px;font-size:18px;font-weight:700\">{server}</p>\n\
             <p style=\"margin:0 0 16px\">{greeting}</p>\n{paragraphs}{button}{afterwards}\
             </td></tr></table>\n</td></tr></table>\n</body>\n</html>\n",
            greeting = escape(greeting),
        )
    }
}

/// Text in which our own addresses, always its last word, are links.
fn linked(text: &str) -> String {
    match text.rsplit_once(' ') {
        Some((before, link)) if link.starts_with("https://") || link.starts_with("http://") => {
            let link = escape(link);
            format!("{} <a href=\"{link}\" style=\"color:#2456d6\">{link}</a>", escape(before))
        }
        _ => escape(text),
    }
}

/// Greets by name, if the name cannot be taken for anything else: mail programs make links of what looks like one.
fn greeting(first_name: &str) -> String {
    let name = one_line(first_name);
    let link = |pair: &[char]| pair[0] == '.' && !pair[1].is_whitespace();
    let characters: Vec<char> = name.chars().collect();
    let suspicious = name.contains(['/', ':', '@', '\\']) || characters.windows(2).any(link);
    if name.is_empty() || suspicious || characters.len() > 60 { "Hello,".to_owned() } else { format!("Hello {name},") }
}

/// One line without characters that cannot be seen or that turn the direction of what follows.
pub(super) fn one_line(text: &str) -> String {
    let hidden = |character: char| matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    let plain: String = text
        .chars()
        .map(|character| if character.is_control() || hidden(character) { ' ' } else { character })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Escapes text for HTML, inside of elements and of quoted attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A span of time in words, in the largest unit that fits.
fn span(duration: Duration) -> String {
    let minutes = duration.as_secs() / 60;
    let (count, unit) = match minutes {
        0..120 => (minutes, "minute"),
        120..2_880 => (minutes / 60, "hour"),
        _ => (minutes / 1_440, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// A day in words, of milliseconds since 1970, by the rules of the Gregorian calendar in UTC.
fn date(milliseconds: u64) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    // Counted in years that begin in March, so that a leap day is the last of its year.
    let days = milliseconds / 86_400_000 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = usize::try_from((march_month + 2) % 12).unwrap_or(0);
    let year = era * 400 + year_of_era + u64::from(march_month >= 10);
    format!("{day} {} {year} (UTC)", MONTHS.get(month).unwrap_or(&""))
}

#[cfg(test)]
mod tests;
