//! Which texts, countries and links are good.

use super::Link;
use crate::error::ApiError;
use crate::names;

/// Links of one profile.
const MAX_LINKS: usize = 8;

/// Codes of ISO 3166-1 alpha-2 (<https://www.iso.org/obp/ui/#search/code/>), without those that no country has.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS \
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ \
    FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT \
    JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP \
    MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE \
    RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV \
    TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// A line of at most `most` characters; an empty one is none.
///
/// # Errors
/// When it is too long or has characters that break or turn text.
pub(crate) fn line(text: &str, most: usize, field: &'static str) -> Result<Option<String>, ApiError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let rule = || ApiError::invalid(field, format!("at most {most} characters, on one line"));
    names::clean(text, most).map(Some).ok_or_else(rule)
}

/// A text of several lines; an empty one is none.
///
/// # Errors
/// When it is too long or has control characters.
pub(crate) fn text(text: &str, most: usize, field: &'static str) -> Result<Option<String>, ApiError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let fits = text.len() <= 4 * most && text.chars().count() <= most;
    let is_plain = || text.lines().all(|line| line.trim().is_empty() || names::clean(line, most).is_some());
    match fits && is_plain() {
        true => Ok(Some(text.replace("\r\n", "\n"))),
        false => Err(ApiError::invalid(field, format!("at most {most} characters, no control characters"))),
    }
}

/// # Errors
/// When no country has the code.
pub(crate) fn country(code: &str) -> Result<Option<String>, ApiError> {
    match code.trim() {
        "" => Ok(None),
        code if code.len() == 2 && COUNTRIES.split_whitespace().any(|known| known == code) => Ok(Some(code.to_owned())),
        _ => Err(ApiError::invalid("country", "a code of two capital letters, as DE or JP (ISO 3166-1)")),
    }
}

/// # Errors
/// When there are too many, or one of them leads nowhere or to a script.
pub(crate) fn links(links: Vec<Link>) -> Result<Vec<Link>, ApiError> {
    if links.len() > MAX_LINKS {
        return Err(ApiError::invalid("links", "at most 8"));
    }
    links.into_iter().map(link).collect()
}

fn link(Link { title, url }: Link) -> Result<Link, ApiError> {
    let title = names::clean(&title, 60).ok_or_else(|| ApiError::invalid("links", "a title has 1 to 60 characters"))?;
    let url = url.trim();
    let rest = ["https://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or(""));
    let is_good = url.len() <= 500
        && names::clean(url, 500).is_some()
        && !url.contains(char::is_whitespace)
        && host.is_some_and(|host| !host.is_empty() && !host.contains(['@', '\\', '"', '<', '>']));
    match is_good {
        true => Ok(Link { title, url: url.to_owned() }),
        false => Err(ApiError::invalid("links", "an address begins with https:// and has at most 500 characters")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_sites_and_nowhere_else() {
        let check = |url: &str| link(Link { title: "Site".into(), url: url.into() }).is_ok();
        for good in ["https://example.org", "http://example.org/a?b#c", "https://bücher.example/ä"] {
            assert!(check(good), "{good}");
        }
        let long = format!("https://example.org/{}", "x".repeat(500));
        for bad in [
            "",
            "example.org",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "https://",
            "https:///x",
            "https://user@evil.example",
            "https://a b",
            "https://a\nb",
            " javascript:x",
            "//example.org",
            &long,
        ] {
            assert!(!check(bad), "{bad:.40}");
        }
    }

    #[test]
    fn texts_keep_their_lines_and_lose_nothing_else() {
        assert_eq!(text(" a\r\n\nb ", 10, "about").unwrap().as_deref(), Some("a\n\nb"));
        assert_eq!(text("  \n ", 10, "about").unwrap(), None);
        assert!(text("a\0b", 10, "about").is_err() && text("\u{202e}x", 10, "about").is_err());
        assert!(text(&"x".repeat(11), 10, "about").is_err());
        assert!(line("a\nb", 10, "bio").is_err());
        assert_eq!(country("DE").unwrap().as_deref(), Some("DE"));
        assert!(country("de").is_err() && country("XX").is_err() && country("D E").is_err());
    }
}
