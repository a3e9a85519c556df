//! Attachments on their way out: parts of them, their names, and nothing that runs.

use reqwest::Method;
use reqwest::header::HeaderMap;

use crate::attachments::{attach, noise, text};
use crate::support::{Answer, Browser, World, photo, story};

async fn ask(browser: &Browser, url: &str, headers: &[(&str, &str)]) -> Answer {
    let request = browser.request(Method::GET, url);
    browser.send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

story! {
    async fn a_part_can_be_asked_for(world: World) {
        let ann = world.person("ann").await;
        let bytes = [b"OggS\0\x02".to_vec(), noise(299_994)].concat();
        let made = attach(&ann, "song.ogg", &bytes).await;
        let url = text(&made, "url");
        let whole = ann.get(url).await;
        assert_eq!((whole.status, header(&whole.headers, "accept-ranges"), whole.bytes == bytes), (200, "bytes", true));
        assert_eq!(header(&whole.headers, "content-length"), "300000");
        let tag = header(&whole.headers, "etag").to_owned();
        for (range, first, last) in [
            ("bytes=0-", 0, 299_999), ("bytes=0-0", 0, 0), ("bytes=100000-199999", 100_000, 199_999), ("bytes=-5", 299_995, 299_999),
            ("bytes=299999-400000", 299_999, 299_999),
        ] {
            for headers in [&[("range", range)][..], &[("range", range), ("if-range", &tag)]] {
                let part = ask(&ann, url, headers).await;
                assert_eq!((part.status, &part.bytes[..]), (206, &bytes[first..=last]), "{range}");
                assert_eq!(header(&part.headers, "content-range"), format!("bytes {first}-{last}/300000"));
                assert_eq!(header(&part.headers, "content-length"), (last - first + 1).to_string());
                assert_eq!(header(&part.headers, "content-type"), "audio/ogg");
            }
        }
        for range in ["bytes=300000-", "bytes=-0", "bytes=99999999999999999999-"] {
            let outside = ask(&ann, url, &[("range", range)]).await;
            outside.refused(416, "invalid_value");
            assert_eq!(header(&outside.headers, "content-range"), "bytes */300000");
        }
        // What is not understood, or is a part of something else, is answered by all.
        for headers in [&[("range", "bytes=0-1,5-6")][..], &[("range", "lines=1-2")], &[("range", "bytes=0-1"), ("if-range", "\"other\"")]] {
            let all = ask(&ann, url, headers).await;
            assert_eq!((all.status, all.bytes.len()), (200, bytes.len()), "{headers:?}");
        }
        assert_eq!(ask(&ann, url, &[("if-none-match", &tag)]).await.status, 304);
        let head = ann.send(ann.request(Method::HEAD, url).header("x-confab", "1").header("range", "bytes=5-9")).await;
        assert_eq!((head.status, header(&head.headers, "content-length"), head.bytes.len()), (206, "5", 0));
    }
}

story! {
    async fn nothing_that_is_sent_out_runs(world: World) {
        let ann = world.person("ann").await;
        for (name, bytes, disposition, media_type) in [
            ("p.html", b"<html><script>alert(1)</script>".to_vec(), "attachment", "text/plain"),
            ("p.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), "attachment", "text/plain"),
            ("p.pdf", b"%PDF-1.7\n\xff".to_vec(), "attachment", "application/pdf"),
            ("p.exe", b"MZ\x90\0\x03\0\0\0".to_vec(), "attachment", "application/octet-stream"),
            ("p.mp3", b"ID3\x04\0\0\0\0\0\0<script>".to_vec(), "inline", "audio/mpeg"),
            ("p.jpg", photo(64, 64), "inline", "image/jpeg"),
        ] {
            let made = attach(&ann, name, &bytes).await;
            for url in [made["url"].as_str(), made["preview_url"].as_str()].into_iter().flatten() {
                let headers = ann.get(url).await.headers;
                let expected = format!("{disposition}; filename=\"{name}\"; filename*=UTF-8''{name}");
                assert_eq!(header(&headers, "content-disposition"), expected);
                assert_eq!(header(&headers, "content-type"), media_type, "{name}");
                assert_eq!(header(&headers, "x-content-type-options"), "nosniff");
                assert_eq!(header(&headers, "cache-control"), "private, max-age=60");
                let policy = header(&headers, "content-security-policy");
                assert!(policy.contains("default-src 'none'") && policy.contains("sandbox") && !policy.contains("allow"), "{policy}");
            }
        }
    }
}

/// The texts that browsers are shown, too.
const HOSTILE: &str = include_str!("../../../web/app/e2e/support/hostile.txt");

story! {
    async fn hostile_names_stay_inside_their_header(world: World) {
        let ann = world.person("ann").await;
        for name in HOSTILE.lines().take(66).chain(["a\"; filename=\"b.exe", "a%22.txt", "ä\\\";x=\"y", "a;b,c=d'e.txt"]) {
            let wish = serde_json::json!({ "client_id": crate::support::fresh_id(), "name": name, "size": 1 });
            let begun = ann.post("/api/v1/attachments", wish).await;
            if begun.status != 201 {
                // Nothing is left of it without its folders.
                begun.invalid("name");
                continue;
            }
            let path = format!("/api/v1/attachments/{}", text(&begun.json(), "id"));
            let made = crate::attachments::chunk(&ann, &path, 0, b"x").await.expect(200)["attachment"].clone();
            assert!(name.contains(text(&made, "name")) || name.chars().any(char::is_control), "{name:?}: {made}");
            let headers = ann.get(text(&made, "url")).await.headers;
            let line = header(&headers, "content-disposition");
            let inner = line.strip_prefix("attachment; filename=\"").unwrap();
            let (plain, encoded) = inner.split_once("\"; filename*=UTF-8''").unwrap();
            assert!(!plain.contains(['"', '\\']) && !encoded.contains(['"', ';', ',', ' ']), "{line}");
            let decoded = url_decoded(encoded);
            assert_eq!(decoded, text(&made, "name"));
            ann.delete(&path).await.expect(204);
        }
    }
}

fn url_decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, more @ ..] = rest {
        rest = more;
        if *first == b'%' {
            let (digits, more) = more.split_at(2);
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap());
            rest = more;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).unwrap()
}
