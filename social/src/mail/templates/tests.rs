use super::*;

const HOUR: Duration = Duration::from_secs(3600);

fn templates() -> Templates {
    Templates::new("https://meet.example.org/", "Example Meet")
}

fn all(first_name: &str) -> [Message; 5] {
    let (templates, to) = (templates(), "ann@example.com");
    [
        templates.verify(to, first_name, "TOKEN", 24 * HOUR),
        templates.already_registered(to, first_name),
        templates.reset(to, first_name, "TOKEN", HOUR / 2),
        templates.password_changed(to, first_name),
        templates.deletion_requested(to, first_name, 1_798_761_599_999),
    ]
}

#[test]
fn the_texts_are_these() {
    let [verify, already_registered, reset, password_changed, deletion_requested] = all("Ann");
    assert_eq!(verify.subject, "Confirm your e-mail address for Example Meet");
    assert_eq!(
        verify.text,
        "Hello Ann,\n\nWelcome to Example Meet! Please confirm that this is your e-mail address.\n\n\
         Confirm my address:\nhttps://meet.example.org/verify#TOKEN\n\n\
         The link works once, within 24 hours.\n\n\
         If you have not registered, ignore this mail: nothing will happen.\n\n\
         -- \nExample Meet\nhttps://meet.example.org\n"
    );
    assert_eq!(already_registered.subject, "You already have an account on Example Meet");
    assert!(already_registered.text.contains("Sign in:\nhttps://meet.example.org/sign-in\n"));
    assert!(already_registered.text.contains("set a new one: https://meet.example.org/forgot\n"));
    assert_eq!(reset.subject, "Set a new password for Example Meet");
    assert!(reset.text.contains("Set a new password:\nhttps://meet.example.org/reset#TOKEN\n"));
    assert!(reset.text.contains("within 30 minutes."));
    assert_eq!(password_changed.subject, "Your password for Example Meet was changed");
    assert!(password_changed.text.contains("at once: https://meet.example.org/forgot\n"));
    assert_eq!(deletion_requested.subject, "Your account on Example Meet will be deleted");
    assert!(deletion_requested.text.contains("gone for good on 31 December 2026 (UTC)."));
    assert!(deletion_requested.text.contains("Keep my account:\nhttps://meet.example.org/restore\n"));
}

#[test]
fn the_html_says_what_the_text_says_and_loads_nothing() {
    for message in all("Ann") {
        assert_eq!(message.to, "ann@example.com");
        for loading in ["src=", "url(", "<link", "<script", "<img", "<style", "@import", "srcset"] {
            assert!(!message.html.contains(loading), "{loading} in {}", message.subject);
        }
        for line in message.text.lines().filter(|line| line.starts_with("https://meet.example.org/")) {
            assert!(message.html.contains(&format!("href=\"{line}\"")), "{line} in {}", message.subject);
        }
        assert!(message.html.contains("Hello Ann,"));
        for tag in ["html", "body", "table", "tr", "td", "p", "a", "head", "title"] {
            let opened =
                message.html.matches(&format!("<{tag}>")).count() + message.html.matches(&format!("<{tag} ")).count();
            assert_eq!(opened, message.html.matches(&format!("</{tag}>")).count(), "<{tag}> in {}", message.subject);
        }
    }
}

#[test]
fn a_name_is_greeted_only_if_it_can_be_nothing_but_a_name() {
    let table = [
        ("Ann", "Hello Ann,"),
        ("  Ann \t Marie ", "Hello Ann Marie,"),
        ("J. R.", "Hello J. R.,"),
        ("Ann\r\nBcc: all@example.com", "Hello,"),
        ("Ann\r\n\r\nYour account is locked", "Hello Ann Your account is locked,"),
        ("\u{202e}nnA", "Hello nnA,"),
        ("https://evil.example", "Hello,"),
        ("evil.example", "Hello,"),
        ("www.evil", "Hello,"),
        ("me@evil", "Hello,"),
        ("", "Hello,"),
        ("\u{200b}", "Hello,"),
        ("李", "Hello 李,"),
    ];
    for (name, expected) in table {
        assert_eq!(greeting(name), expected, "{name:?}");
    }
    assert_eq!(greeting(&"A".repeat(61)), "Hello,");
}

#[test]
fn hostile_names_are_escaped() {
    let name = "<script>alert(1)<x y=\"'&\">";
    for message in all(name) {
        assert!(
            message.html.contains("Hello &lt;script&gt;alert(1)&lt;x y=&quot;&#39;&amp;&quot;&gt;,"),
            "{}",
            message.html
        );
        assert!(!message.html.contains("<script"));
        assert!(!message.subject.contains("script"));
    }
    let server = Templates::new("https://meet.example.org", "A & <B>\r\nBcc: x").verify("a@b.c", "Ann", "T", HOUR);
    assert!(server.html.contains("A &amp; &lt;B&gt; Bcc: x"));
    assert!(!server.subject.contains(['\r', '\n']));
}

#[test]
fn spans_and_days_are_in_words() {
    let minutes = |count: u64| Duration::from_secs(60 * count);
    for (count, expected) in [
        (1, "1 minute"),
        (30, "30 minutes"),
        (119, "119 minutes"),
        (120, "2 hours"),
        (1_440, "24 hours"),
        (20_160, "14 days"),
    ] {
        assert_eq!(span(minutes(count)), expected);
    }
    for (milliseconds, expected) in [
        (0, "1 January 1970 (UTC)"),
        (951_782_400_000, "29 February 2000 (UTC)"),
        (951_868_800_000, "1 March 2000 (UTC)"),
        (1_709_164_800_000, "29 February 2024 (UTC)"),
        (1_798_761_599_999, "31 December 2026 (UTC)"),
        (1_798_761_600_000, "1 January 2027 (UTC)"),
        (4_107_542_400_000, "1 March 2100 (UTC)"),
    ] {
        assert_eq!(date(milliseconds), expected);
    }
}
