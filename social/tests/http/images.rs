//! Pictures and covers: from bytes of any kind to two clean files, and away again.

use std::io::Cursor;
use std::time::Duration;

use image::{DynamicImage, ImageFormat};
use serde_json::{Value, json};

use crate::support::{World, photo, story};

fn encode(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn files(world: &World) -> usize {
    world.images().len()
}

story! {
    async fn a_picture_is_shown_replaced_and_removed(world: World) {
        let ann = world.person("ann").await;
        let shown = ann.put("/api/v1/me/picture", photo(900, 600)).await.expect(200);
        assert_eq!((&shown["width"], &shown["height"]), (&json!(512), &json!(512)));
        assert_eq!(ann.get("/api/v1/me").await.expect(200)["picture"], shown);
        assert_eq!(world.browser().get("/api/v1/people/ann").await.expect(200)["picture"], shown);
        let answer = world.browser().get(shown["url"].as_str().unwrap()).await;
        assert_eq!((answer.status, answer.headers["content-type"].to_str().unwrap()), (200, "image/jpeg"));
        assert!(answer.headers["content-security-policy"].to_str().unwrap().contains("sandbox"));
        let image = image::load_from_memory(&answer.bytes).unwrap();
        assert_eq!((image.width(), image.height()), (512, 512));
        let tag = answer.headers["etag"].clone();
        let known = ann.request(reqwest::Method::GET, shown["url"].as_str().unwrap()).header("if-none-match", tag);
        assert_eq!(ann.send(known).await.status, 304);

        // The part that was chosen, and nothing of the rest.
        let other = ann.put("/api/v1/me/picture?x=0&y=0&width=300&height=300", photo(900, 600)).await.expect(200);
        ann.get(shown["url"].as_str().unwrap()).await.refused(404, "not_found");
        let image = image::load_from_memory(&ann.get(other["small_url"].as_str().unwrap()).await.bytes).unwrap().to_rgb8();
        assert!(image.pixels().all(|pixel| pixel.0[0] > 150 && pixel.0[2] < 90));
        assert_eq!(files(&world), 2);

        let cover = ann.put("/api/v1/me/cover", photo(3000, 1000)).await.expect(200);
        assert_eq!((&cover["width"], &cover["height"]), (&json!(1500), &json!(500)));
        ann.delete("/api/v1/me/picture").await.expect(204);
        ann.delete("/api/v1/me/picture").await.expect(204);
        ann.get(other["url"].as_str().unwrap()).await.refused(404, "not_found");
        let profile = ann.get("/api/v1/me/profile").await.expect(200);
        assert_eq!((&profile["picture"], &profile["cover"]), (&Value::Null, &cover));
        assert_eq!(files(&world), 2);
    }
}

story! {
    async fn a_hidden_picture_is_not_named(world: World) {
        let ann = world.person("ann").await;
        ann.put("/api/v1/me/picture", photo(64, 64)).await.expect(200);
        ann.patch("/api/v1/me/profile", json!({ "visibility": { "picture": "nobody" } })).await.expect(200);
        assert_eq!(world.browser().get("/api/v1/people/ann").await.expect(200)["picture"], Value::Null);
        assert_ne!(ann.get("/api/v1/people/ann").await.expect(200)["picture"], Value::Null);
    }
}

story! {
    async fn what_is_no_picture_is_refused_and_leaves_nothing(world: World) {
        let ann = world.person("ann").await;
        let truncated = photo(400, 400)[..2000].to_vec();
        let mut bomb = encode(&DynamicImage::new_rgb8(8, 8), ImageFormat::Png);
        // The header says 10,000 x 10,000; its checksum is right.
        bomb[16..24].copy_from_slice(&[0, 0, 39, 16, 0, 0, 39, 16]);
        let checksum = crc(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&checksum.to_be_bytes());
        for (bytes, status, code) in [
            (Vec::new(), 415, "unsupported_image"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec(), 415, "unsupported_image"),
            (b"\x7fELF\x02\x01\x01 and so on".to_vec(), 415, "unsupported_image"),
            (b"MZ\x90\0 and so on".to_vec(), 415, "unsupported_image"),
            (truncated, 422, "bad_image"),
            (bomb, 413, "too_large"),
            (vec![0xff; 10 * 1024 * 1024 + 1], 413, "too_large"),
        ] {
            ann.put("/api/v1/me/picture", bytes).await.refused(status, code);
        }
        ann.put("/api/v1/me/picture?x=1", photo(64, 64)).await.invalid("crop");
        ann.put("/api/v1/me/picture?x=9000&y=0&width=5&height=5", photo(64, 64)).await.refused(422, "bad_image");
        assert_eq!(files(&world), 0);
        // Behind a picture there is a page with a script; what is shown is the picture alone.
        let polyglot = [photo(64, 64), b"<html><script>canary</script></html>".to_vec()].concat();
        let shown = ann.put("/api/v1/me/picture", polyglot).await.expect(200);
        let bytes = ann.get(shown["url"].as_str().unwrap()).await.bytes;
        assert!(!bytes.windows(6).any(|part| part == b"canary"));
    }
}

/// The checksum of PNG's chunks (<https://www.w3.org/TR/png-3/#D-CRCAppendix>).
pub fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

story! {
    async fn files_of_a_crash_are_swept_away(world: World) {
        let ann = world.person("ann").await;
        ann.put("/api/v1/me/picture", photo(64, 64)).await.expect(200);
        let (path, bytes) = world.stored().into_iter().find(|(path, _)| path.extension().is_some_and(|kind| kind == "jpg")).unwrap();
        let folder = path.parent().unwrap().parent().unwrap().parent().unwrap().join("00/00");
        std::fs::create_dir_all(&folder).unwrap();
        let orphan = folder.join(format!("{}.jpg", "0".repeat(32)));
        std::fs::write(&orphan, bytes).unwrap();
        let left = || files(&world);
        let before = left();
        // The house looks once an hour; the clock of files is the real one, which is behind the story's.
        for _ in 0..61 {
            world.wait(Duration::from_secs(60));
            tokio::task::yield_now().await;
        }
        crate::support::soon(async {
            while left() == before {
                world.wait(Duration::from_secs(60));
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
        assert_eq!(ann.get(ann.get("/api/v1/me").await.json()["picture"]["url"].as_str().unwrap()).await.status, 200);
    }
}
