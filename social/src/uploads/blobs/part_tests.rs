use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;

use super::tests::{FailingDisk, files, later};
use super::*;
use crate::scratch::Scratch;

const PART: uuid::Uuid = uuid::Uuid::from_u128(7);

fn key() -> BlobKey {
    BlobKey::new(Extension::Binary, &mut StdRng::seed_from_u64(1))
}

#[tokio::test]
async fn a_part_grows_and_becomes_a_blob() {
    let scratch = Scratch::new();
    let blobs = Blobs::new(scratch.path());
    assert_eq!(blobs.part_length(PART).await.unwrap(), 0);
    blobs.append(PART, 0, b"one ").await.unwrap();
    blobs.append(PART, 4, b"two ").await.unwrap();
    assert_eq!(blobs.part_length(PART).await.unwrap(), 8);
    // Again from an earlier place: what was behind goes.
    blobs.append(PART, 4, b"three").await.unwrap();
    blobs.finish(PART, key()).await.unwrap();
    assert_eq!(blobs.read(key()).await.unwrap(), b"one three");
    assert_eq!(blobs.inspect(key(), |file| std::io::read_to_string(file)).await.unwrap(), "one three");
    blobs.finish(PART, key()).await.unwrap();
    assert_eq!(files(scratch.path()).len(), 1);
    blobs.remove_part(PART).await.unwrap();
}

#[tokio::test]
async fn what_is_not_there_is_not_continued() {
    let scratch = Scratch::new();
    let blobs = Blobs::new(scratch.path());
    assert!(matches!(blobs.append(PART, 4, b"two").await, Err(BlobError::NotFound)));
    assert!(matches!(blobs.finish(PART, key()).await, Err(BlobError::NotFound)));
    blobs.append(PART, 0, b"one").await.unwrap();
    assert!(matches!(blobs.append(PART, 4, b"two").await, Err(BlobError::NotFound)));
    assert_eq!(blobs.part_length(PART).await.unwrap(), 3);
}

#[cfg(unix)]
#[tokio::test]
async fn parts_are_for_the_server_alone() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = Scratch::new();
    Blobs::new(scratch.path().join("blobs")).append(PART, 0, b"one").await.unwrap();
    let [path] = &files(scratch.path())[..] else { panic!("one file") };
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(path), mode(path.parent().unwrap())), (0o600, 0o700));
}

/// Folder, bytes, two folders forced to the disk; the bytes; folder, name, three folders.
const STEPS: usize = 4 + 1 + 5;

/// What a client does who hears of each step's outcome, until it is done.
async fn upload<D: Disk>(blobs: &Blobs<D>, received: &mut u64) -> Result<(), BlobError> {
    for chunk in [&b"first, "[..], b"second"] {
        let at = if chunk.starts_with(b"f") { 0 } else { 7 };
        if *received == at {
            blobs.append(PART, at, chunk).await?;
            *received = at + chunk.len() as u64;
        }
    }
    blobs.finish(PART, key()).await
}

#[tokio::test]
async fn wherever_it_crashes_what_was_acknowledged_is_there_and_goes_on() {
    for step in 1..=STEPS {
        let scratch = Scratch::new();
        let disk = FailingDisk::at(step, true, io::ErrorKind::Interrupted);
        let mut received = 0;
        let cut = upload(&Blobs::on(disk, scratch.path()), &mut received).await;
        assert!(matches!(cut, Err(BlobError::Failed(io::ErrorKind::Interrupted))), "step {step}: {cut:?}");
        let blobs = Blobs::new(scratch.path());
        let there = match blobs.read(key()).await {
            Ok(there) => there,
            Err(_) => files(scratch.path()).first().map(|path| std::fs::read(path).unwrap()).unwrap_or_default(),
        };
        let acknowledged = &b"first, second"[..usize::try_from(received).unwrap()];
        assert!(there.starts_with(acknowledged), "step {step}: {received} of {there:?}");
        upload(&blobs, &mut received).await.unwrap();
        assert_eq!(blobs.read(key()).await.unwrap(), b"first, second", "step {step}");
        assert_eq!(files(scratch.path()).len(), 1, "step {step}");
    }
    let scratch = Scratch::new();
    let disk = FailingDisk::at(STEPS + 1, true, io::ErrorKind::Interrupted);
    upload(&Blobs::on(disk, scratch.path()), &mut 0).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_takes_nothing_of_what_was_there() {
    let scratch = Scratch::new();
    // Folder, bytes and two folders of the first; then the disk is full for once.
    let blobs = Blobs::on(FailingDisk::at(5, false, io::ErrorKind::StorageFull), scratch.path());
    blobs.append(PART, 0, b"first, ").await.unwrap();
    assert!(matches!(blobs.append(PART, 7, b"second").await, Err(BlobError::Full)));
    blobs.append(PART, 7, b"second").await.unwrap();
    blobs.finish(PART, key()).await.unwrap();
    assert_eq!(blobs.read(key()).await.unwrap(), b"first, second");
}

#[tokio::test]
async fn old_parts_that_nobody_knows_are_swept_away() {
    let scratch = Scratch::new();
    let blobs = Blobs::new(scratch.path());
    let unknown = uuid::Uuid::from_u128(8);
    for part in [PART, unknown] {
        blobs.append(part, 0, b"one").await.unwrap();
    }
    std::fs::write(scratch.path().join("parts/notes.txt"), "of the administrator").unwrap();
    let before = SystemTime::now() - Duration::from_secs(3600);
    assert_eq!(blobs.sweep_parts(|_| false, before).await.unwrap(), 0);
    assert_eq!(blobs.sweep_parts(|part| part == PART, later()).await.unwrap(), 1);
    assert_eq!(blobs.part_length(PART).await.unwrap(), 3);
    // The blobs' own sweep leaves them alone.
    assert_eq!(blobs.sweep(|_| false, later()).await.unwrap(), Swept::default());
    assert_eq!(files(scratch.path()).len(), 2);
}
