//! Which names and addresses are good, and when two are the same.

use crate::error::ApiError;
use crate::names;

/// Characters of a person's first or last name.
pub(crate) const MAX_NAME: usize = 60;

/// Names that would be taken for the server's own voice, or for a page.
const RESERVED: [&str; 12] = [
    "admin",
    "administrator",
    "confab",
    "everyone",
    "help",
    "moderator",
    "null",
    "root",
    "security",
    "support",
    "system",
    "undefined",
];

/// The form under which a username is unique.
pub(crate) fn username_key(username: &str) -> String {
    username.to_ascii_lowercase()
}

/// The form under which an address is unique. Providers could tell apart what we do not; none does.
pub(crate) fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// # Errors
/// When it is no username.
pub(crate) fn username(text: &str) -> Result<String, ApiError> {
    let rule = "3 to 30 letters (a to z), digits, dots, hyphens and underscores; a letter or digit first";
    let begins = text.starts_with(|letter: char| letter.is_ascii_alphanumeric());
    let is_plain = text.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"_.-".contains(&letter));
    if !(3..=30).contains(&text.len()) || !begins || !is_plain {
        return Err(ApiError::invalid("username", rule));
    }
    if RESERVED.contains(&username_key(text).as_str()) {
        return Err(ApiError::invalid("username", "this name is reserved"));
    }
    Ok(text.to_owned())
}

/// # Errors
/// When it is no name; `field` is its name in the body.
pub(crate) fn name(text: &str, field: &'static str) -> Result<String, ApiError> {
    names::clean(text, MAX_NAME).ok_or_else(|| {
        ApiError::invalid(field, "1 to 60 characters, no control characters and none that turn text around")
    })
}

/// Whether an address is good is known when mail arrives; this refuses only what cannot be one
/// (<https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address>).
///
/// # Errors
/// When it is no address.
pub(crate) fn email(text: &str) -> Result<String, ApiError> {
    let text = text.trim();
    let is_good = text.len() <= 254
        && text.rsplit_once('@').is_some_and(|(local, domain)| {
            (1..=64).contains(&local.len()) && local.bytes().all(is_local) && is_domain(domain)
        });
    if is_good { Ok(text.to_owned()) } else { Err(ApiError::invalid("email", "this is no e-mail address")) }
}

fn is_local(letter: u8) -> bool {
    letter.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&letter)
}

fn is_domain(domain: &str) -> bool {
    domain.split('.').all(|label| {
        let is_plain = label.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'-');
        (1..=63).contains(&label.len()) && is_plain && !label.starts_with('-') && !label.ends_with('-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_are_plain() {
        for good in ["ann", "Ann.Lee", "x-1", "0_0", &"a".repeat(30)] {
            assert!(username(good).is_ok(), "{good}");
        }
        for bad in
            ["", "ab", ".ann", "-ann", "ann lee", "änn", "a\0b", "Admin", "а́nn", &"a".repeat(31), &"a".repeat(1 << 20)]
        {
            assert!(username(bad).is_err(), "{bad:.40}");
        }
        assert_eq!(username_key("Ann.Lee"), "ann.lee");
    }

    #[test]
    fn addresses_are_addresses() {
        for good in ["ann@example.org", " Ann+x@mail.example.co ", "o'neill@localhost", "a@b"] {
            assert!(email(good).is_ok(), "{good}");
        }
        let long = format!("{}@example.org", "a".repeat(65));
        for bad in [
            "",
            "ann",
            "@x",
            "ann@",
            "a b@x.org",
            "a@x..org",
            "a@-x.org",
            "a@x.org\nBcc: b@y.org",
            "a@b@c",
            "ü@x.org",
            "<a@x.org>",
            "a,b@x.org",
            &long,
        ] {
            assert!(email(bad).is_err(), "{bad}");
        }
        assert_eq!(email_key(" Ann@Example.org"), "ann@example.org");
    }
}
