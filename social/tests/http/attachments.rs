//! Files for messages: from chunks to what is kept, and away again. How they are sent out is told in `media`.

use std::time::Duration;

use image::ImageFormat;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::support::{Answer, Browser, World, fresh_id, photo, soon, story};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Begins an upload; its path.
pub async fn begin(browser: &Browser, name: &str, size: usize) -> String {
    let wish = json!({ "client_id": fresh_id(), "name": name, "size": size });
    let begun = browser.post("/api/v1/attachments", wish).await.expect(201);
    assert_eq!((&begun["received"], &begun["attachment"], &begun["size"]), (&json!(0), &Value::Null, &json!(size)));
    format!("/api/v1/attachments/{}", begun["id"].as_str().unwrap())
}

pub async fn chunk(browser: &Browser, path: &str, offset: usize, bytes: &[u8]) -> Answer {
    let request = browser.request(Method::PATCH, &format!("{path}?offset={offset}"));
    browser.send(request.body(bytes.to_vec())).await
}

/// Uploads a file in one chunk.
pub async fn send(browser: &Browser, name: &str, bytes: &[u8]) -> Answer {
    chunk(browser, &begin(browser, name, bytes.len()).await, 0, bytes).await
}

/// Uploads a file, which is taken.
pub async fn attach(browser: &Browser, name: &str, bytes: &[u8]) -> Value {
    send(browser, name, bytes).await.expect(200)["attachment"].clone()
}

pub fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("{field} in {value}"))
}

/// Bytes that are no text and no known file.
pub fn noise(length: usize) -> Vec<u8> {
    (0..length).map(|place| u8::try_from((place * 7919 + place / 251) % 256).unwrap()).collect()
}

/// The files of uploads and attachments.
fn files(world: &World) -> Vec<Vec<u8>> {
    let all = world.stored().into_iter();
    all.filter(|(path, _)| path.starts_with(world.folder.join("attachments"))).map(|(_, bytes)| bytes).collect()
}

#[track_caller]
fn goes_on_at(answer: &Answer, offset: usize) {
    answer.refused(409, "wrong_offset");
    assert_eq!(answer.json()["error"]["received"], offset);
}

story! {
    async fn a_file_arrives_in_chunks_and_goes_on_where_it_was(world: World) {
        let ann = world.person("ann").await;
        let bytes = noise(10_000);
        let wish = json!({ "client_id": fresh_id(), "name": "data.bin", "size": bytes.len() });
        let begun = ann.post("/api/v1/attachments", wish.clone()).await.expect(201);
        let path = format!("/api/v1/attachments/{}", text(&begun, "id"));
        assert_eq!(ann.get(&path).await.expect(200), begun);
        assert_eq!(chunk(&ann, &path, 0, &bytes[..4000]).await.expect(200)["received"], 4000);
        // The answer was lost: the same chunk, one from elsewhere, the same beginning.
        goes_on_at(&chunk(&ann, &path, 0, &bytes[..4000]).await, 4000);
        goes_on_at(&chunk(&ann, &path, 5000, &bytes[5000..]).await, 4000);
        goes_on_at(&chunk(&ann, &path, 3999, &bytes[3999..]).await, 4000);
        let again = ann.post("/api/v1/attachments", wish).await.expect(200);
        assert_eq!((&again["id"], &again["received"]), (&begun["id"], &json!(4000)));
        assert_eq!(files(&world), [&bytes[..4000]]);
        // Nothing changes by these.
        ann.send(ann.request(Method::PATCH, &path).body("x")).await.invalid("offset");
        ann.send(ann.request(Method::PATCH, &format!("{path}?offset=-1")).body("x")).await.refused(409, "wrong_offset");
        chunk(&ann, &path, 4000, &noise(6001)).await.refused(413, "too_large");
        chunk(&ann, &path, 4000, &noise(4 * 1024 * 1024 + 1)).await.refused(413, "too_large");
        assert_eq!(chunk(&ann, &path, 4000, &[]).await.expect(200)["received"], 4000);

        let done = chunk(&ann, &path, 4000, &bytes[4000..]).await.expect(200);
        assert_eq!(done["received"], 10_000);
        let made = &done["attachment"];
        let expected = json!({
            "id": begun["id"], "kind": "file", "name": "data.bin", "media_type": "application/octet-stream", "size": 10_000,
            "width": null, "height": null, "url": format!("/media/attachments/{}", text(&begun, "id")), "preview_url": null,
        });
        assert_eq!(made, &expected);
        // Whoever asks once more, by whatever chunk, hears the same.
        assert_eq!(chunk(&ann, &path, 4000, &bytes[4000..]).await.expect(200), done);
        assert_eq!(chunk(&ann, &path, 10_000, &[]).await.expect(200), done);
        assert_eq!(ann.get(&path).await.expect(200), done);
        assert_eq!(ann.get(text(made, "url")).await.bytes, bytes);

        ann.delete(&path).await.expect(204);
        ann.delete(&path).await.refused(404, "not_found");
        ann.get(&path).await.refused(404, "not_found");
        ann.get(text(made, "url")).await.refused(404, "not_found");
        assert!(files(&world).is_empty());
    }
}

/// Sends half a chunk and is gone.
async fn cut(browser: &Browser, path: &str, offset: usize, bytes: &[u8]) {
    let mut stream = TcpStream::connect(browser.address()).await.unwrap();
    let head = format!(
        "PATCH {path}?offset={offset} HTTP/1.1\r\nhost: {0}\r\norigin: http://{0}\r\nx-confab: 1\r\ncookie: {1}\r\n\
         content-length: {2}\r\n\r\n",
        browser.address(),
        browser.cookie().unwrap(),
        bytes.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&bytes[..bytes.len() / 2]).await.unwrap();
    stream.flush().await.unwrap();
}

story! {
    async fn chunks_that_are_cut_or_race_harm_nothing(world: World) {
        let ann = world.person("ann").await;
        let bytes = noise(200_000);
        let path = begin(&ann, "data.bin", bytes.len()).await;
        let mut received = 0;
        while received < bytes.len() {
            cut(&ann, &path, received, &bytes[received..]).await;
            // Several send the same and longer chunks at once; some give up while they are being written.
            let racers = (1..=4).map(|part| chunk(&ann, &path, received, &bytes[received..bytes.len().min(received + part * 5000)]));
            let hurried = tokio::time::timeout(Duration::from_micros(500), chunk(&ann, &path, received, &bytes[received..received + 1]));
            let (answers, _) = tokio::join!(futures_util::future::join_all(racers), hurried);
            for answer in &answers {
                assert!([200, 409].contains(&answer.status), "{}", answer.json());
            }
            assert!(answers.iter().filter(|answer| answer.status == 200).count() <= 1 || received + 20_000 >= bytes.len());
            received = usize::try_from(ann.get(&path).await.expect(200)["received"].as_u64().unwrap()).unwrap();
        }
        let done = ann.get(&path).await.expect(200);
        assert_eq!(ann.get(text(&done["attachment"], "url")).await.bytes, bytes);
    }
}

story! {
    async fn what_it_is_its_content_says(world: World) {
        let ann = world.person("ann").await;
        let boxed = |kind: &[u8], body: &[u8]| [&u32::try_from(8 + body.len()).unwrap().to_be_bytes()[..], kind, body].concat();
        let movie = |handler: &[u8]| {
            let track = boxed(b"trak", &boxed(b"mdia", &boxed(b"hdlr", &[&[0; 8], handler, &[0; 12]].concat())));
            [boxed(b"ftyp", b"isom\0\0\0\0isom"), boxed(b"moov", &[boxed(b"mvhd", &[0; 100]), track].concat())].concat()
        };
        let zip = b"PK\x03\x04\x14\0\0\0\0\0".to_vec();
        for (name, bytes, kind, media_type) in [
            ("clip.txt", movie(b"vide"), "video", "video/mp4"),
            ("voice.exe", movie(b"soun"), "audio", "audio/mp4"),
            ("song", b"ID3\x04\0\0\0\0\0\0".to_vec(), "audio", "audio/mpeg"),
            ("report.jpg", b"%PDF-1.7\n\xff".to_vec(), "file", "application/pdf"),
            ("bomb.zip", zip, "file", "application/zip"),
            ("notes.txt", b"Hello \xc3\xa4".to_vec(), "file", "text/plain"),
            // What would run is text or nothing that anybody knows, whatever it is called.
            ("page.html", b"<html><script>alert(1)</script>".to_vec(), "file", "text/plain"),
            ("image.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>".to_vec(), "file", "text/plain"),
            ("photo.png", b"MZ\x90\0\x03\0\0\0".to_vec(), "file", "application/octet-stream"),
            ("photo.jpg", b"\x7fELF\x02\x01\x01\0\0".to_vec(), "file", "application/octet-stream"),
        ] {
            let made = attach(&ann, name, &bytes).await;
            let seen = (text(&made, "name"), text(&made, "kind"), text(&made, "media_type"));
            assert_eq!(seen, (name, kind, media_type));
            assert_eq!(made["preview_url"], Value::Null);
            assert_eq!(ann.get(text(&made, "url")).await.bytes, bytes, "{name}");
            ann.delete(&format!("/api/v1/attachments/{}", text(&made, "id"))).await.expect(204);
        }
    }
}

/// A photo that says where it was taken.
fn with_position(photo: &[u8]) -> Vec<u8> {
    let body = b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0 canary-position";
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&photo[..2], &[0xff, 0xe1], &length, body, &photo[2..]].concat()
}

story! {
    async fn images_are_drawn_anew_with_a_preview(world: World) {
        let ann = world.person("ann").await;
        let bytes = [with_position(&photo(900, 450)), b"<script>canary</script>".to_vec()].concat();
        let made = attach(&ann, "IMG_1.PNG", &bytes).await;
        assert_eq!((text(&made, "kind"), text(&made, "media_type"), text(&made, "name")), ("image", "image/jpeg", "IMG_1.jpg"));
        assert_eq!((&made["width"], &made["height"]), (&json!(900), &json!(450)));
        let (large, small) = (ann.get(text(&made, "url")).await, ann.get(text(&made, "preview_url")).await);
        let sizes = [&large, &small].map(|answer| {
            let image = image::load_from_memory_with_format(&answer.bytes, ImageFormat::Jpeg).unwrap();
            (image.width(), image.height())
        });
        assert_eq!(sizes, [(900, 450), (640, 320)]);
        assert_eq!(made["size"], large.bytes.len());
        // Nothing of what came is kept.
        let kept = files(&world);
        assert_eq!(kept.len(), 2);
        assert!(kept.iter().all(|bytes| !bytes.windows(6).any(|part| part == b"canary")));
        ann.delete(&format!("/api/v1/attachments/{}", text(&made, "id"))).await.expect(204);
        ann.get(text(&made, "preview_url")).await.refused(404, "not_found");
        assert!(files(&world).is_empty());
    }
}

story! {
    async fn images_that_cannot_be_drawn_are_refused_and_leave_nothing(world: World) {
        let ann = world.person("ann").await;
        let mut bomb = std::io::Cursor::new(Vec::new());
        image::DynamicImage::new_rgb8(8, 8).write_to(&mut bomb, ImageFormat::Png).unwrap();
        let mut bomb = bomb.into_inner();
        bomb[16..24].copy_from_slice(&[0, 0, 39, 16, 0, 0, 39, 16]);
        let checksum = crate::images::crc(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&checksum.to_be_bytes());
        for (name, bytes, status, code) in [
            ("cut.jpg", photo(400, 400)[..2000].to_vec(), 422, "bad_image"),
            ("bomb.txt", bomb, 413, "too_large"),
            ("noise.png", [b"\x89PNG\r\n\x1a\n".to_vec(), noise(100)].concat(), 422, "bad_image"),
            ("photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0heicmif1".to_vec(), 415, "unsupported_image"),
            ("photo.tif", b"II*\0\x08\0\0\0\0\0\0\0".to_vec(), 415, "unsupported_image"),
        ] {
            let path = begin(&ann, name, bytes.len()).await;
            chunk(&ann, &path, 0, &bytes).await.refused(status, code);
            ann.get(&path).await.refused(404, "not_found");
            assert!(files(&world).is_empty(), "{name}");
        }
        // Too large a picture is known by its first bytes; or at last, if they came one by one.
        let size = 10 * 1024 * 1024 + 1;
        let path = begin(&ann, "large.jpg", size).await;
        chunk(&ann, &path, 0, &photo(40, 40)).await.refused(413, "too_large");
        ann.get(&path).await.refused(404, "not_found");
        let path = begin(&ann, "large.jpg", size).await;
        let bytes = [photo(40, 40), vec![0; size]].concat()[..size].to_vec();
        chunk(&ann, &path, 0, &bytes[..2]).await.expect(200);
        for (offset, part) in [(2, 4_000_000), (4_000_000, 8_000_000)] {
            chunk(&ann, &path, offset, &bytes[offset..part]).await.expect(200);
        }
        chunk(&ann, &path, 8_000_000, &bytes[8_000_000..]).await.refused(413, "too_large");
        assert!(files(&world).is_empty());
    }
}

story! {
    async fn names_and_sizes_are_checked(world: World) {
        let ann = world.person("ann").await;
        let ask = async |name: &str, size: Value| {
            ann.post("/api/v1/attachments", json!({ "client_id": fresh_id(), "name": name, "size": size })).await
        };
        for size in [json!(0), json!(-1), json!(64 * 1024 * 1024 + 1), json!(i64::MAX)] {
            ask("a.txt", size).await.invalid("size");
        }
        for name in ["", " ", "..", "a/", "\0", &"é".repeat(256)] {
            ask(name, json!(1)).await.invalid("name");
        }
        ask("a.txt", json!(1.5)).await.refused(400, "invalid_message");
        for (name, kept) in [("C:\\fakepath\\../a b.txt", "a b.txt"), ("photo\u{202e}gpj.exe", "photogpj.exe"), ("a\r\nx: y", "ax: y")] {
            let made = attach(&ann, name, b"text").await;
            assert_eq!(made["name"], kept);
        }
    }
}

story! {
    async fn nobody_else_reaches_an_upload(world: World) {
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        let path = begin(&ann, "a.txt", 4).await;
        let made = attach(&ann, "b.txt", b"text").await;
        let whole = format!("/api/v1/attachments/{}", text(&made, "id"));
        for path in [&path, &whole] {
            ben.get(path).await.refused(404, "not_found");
            ben.delete(path).await.refused(404, "not_found");
            chunk(&ben, path, 0, b"evil").await.refused(404, "not_found");
            world.browser().get(path).await.refused(401, "not_signed_in");
        }
        ben.get(text(&made, "url")).await.refused(404, "not_found");
        world.browser().get(text(&made, "url")).await.refused(401, "not_signed_in");
        // What is not whole is not shown, not even to its owner.
        chunk(&ann, &path, 0, b"te").await.expect(200);
        ann.get(&path.replace("/api/v1/", "/media/")).await.refused(404, "not_found");
        assert_eq!(chunk(&ann, &path, 2, b"xt").await.expect(200)["attachment"]["name"], "a.txt");
        // What one's client calls an upload is nobody else's name for it.
        let wish = json!({ "client_id": fresh_id(), "name": "c.txt", "size": 4 });
        let first = ann.post("/api/v1/attachments", wish.clone()).await.expect(201);
        assert_ne!(ben.post("/api/v1/attachments", wish).await.expect(201)["id"], first["id"]);
    }
}

story! {
    async fn what_waits_is_limited_and_goes_after_a_day(world: World) {
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        let ask = async |browser: &Browser, size: usize| {
            browser.post("/api/v1/attachments", json!({ "client_id": fresh_id(), "name": "a", "size": size })).await
        };
        let largest = 64 * 1024 * 1024;
        for _ in 0..3 {
            ask(&ann, largest).await.expect(201);
        }
        ask(&ann, 9 * 1024 * 1024).await.refused(409, "limit_reached");
        ask(&ann, 8 * 1024 * 1024).await.expect(201);
        ask(&ann, 1).await.refused(409, "limit_reached");
        for _ in 0..10 {
            ask(&ben, 2).await.expect(201);
        }
        ask(&ben, 2).await.refused(409, "limit_reached");
        world.wait(DAY - Duration::from_secs(60));
        let last = ben.get("/api/v1/me").await.expect(200);
        assert_eq!(last["username"], "ben");
        ask(&ben, 2).await.refused(409, "limit_reached");
        world.wait(Duration::from_secs(60));
        world.social.sweep().await.unwrap();
        for _ in 0..9 {
            ask(&ben, 2).await.expect(201);
        }
        // Both kinds of what waits, and what has become of them.
        let half = begin(&ben, "half", 2).await;
        chunk(&ben, &half, 0, b"x").await.expect(200);
        let whole = attach(&ann, "whole.txt", b"text").await;
        let image = attach(&ann, "image.jpg", &photo(64, 64)).await;
        assert_eq!(files(&world).len(), 4);
        world.wait(DAY);
        world.social.sweep().await.unwrap();
        soon(async { while !files(&world).is_empty() { tokio::time::sleep(Duration::from_millis(5)).await; } }).await;
        ben.get(&half).await.refused(404, "not_found");
        for made in [&whole, &image] {
            ann.get(text(made, "url")).await.refused(404, "not_found");
        }
        chunk(&ben, &half, 1, b"x").await.refused(404, "not_found");
        assert!(files(&world).is_empty());
    }
}
