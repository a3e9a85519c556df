use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::*;
use crate::scratch::Scratch;

pub(super) fn later() -> SystemTime {
    SystemTime::now() + Duration::from_secs(3600)
}

pub(super) fn files(root: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(root) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn what_is_put_is_read_until_it_is_removed() {
    let scratch = Scratch::new();
    let blobs = Blobs::new(scratch.path());
    let mut rng = StdRng::seed_from_u64(1);
    let key = blobs.put(b"picture".to_vec(), Extension::Png, &mut rng).await.unwrap();
    let other = blobs.put(b"another".to_vec(), Extension::Jpeg, &mut rng).await.unwrap();
    assert_ne!(key, other);
    assert_eq!(blobs.read(key).await.unwrap(), b"picture");
    let (mut file, length) = blobs.open(key).await.unwrap();
    assert_eq!(length, 7);

    blobs.remove(key).await.unwrap();
    blobs.remove(key).await.unwrap();
    assert!(matches!(blobs.read(key).await, Err(BlobError::NotFound)));
    assert!(matches!(blobs.open(key).await, Err(BlobError::NotFound)));
    assert_eq!(blobs.read(other).await.unwrap(), b"another");
    let mut rest = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut file, &mut rest).await.unwrap();
    assert_eq!(rest, b"picture");
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_for_the_server_alone_and_in_two_levels_of_folders() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = Scratch::new();
    let blobs = Blobs::new(scratch.path().join("blobs"));
    let key = blobs.put(vec![1], Extension::Jpeg, &mut StdRng::seed_from_u64(2)).await.unwrap();
    let name = key.to_string();
    let expected = scratch.path().join("blobs").join(&name[..2]).join(&name[2..4]).join(&name);
    assert_eq!(files(scratch.path()), std::slice::from_ref(&expected));
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&expected), 0o600);
    assert_eq!(mode(expected.parent().unwrap()), 0o700);
}

#[test]
fn only_our_own_names_are_keys() {
    let name = "00112233445566778899aabbccddeeff.jpg";
    assert_eq!(name.parse::<BlobKey>().unwrap().to_string(), name);
    assert_eq!(format!("{:?}", name.parse::<BlobKey>().unwrap()), "BlobKey(_.jpg)");
    for wrong in [
        "",
        ".jpg",
        "00112233445566778899aabbccddeeff",
        "00112233445566778899aabbccddeeff.",
        "00112233445566778899aabbccddeeff.svg",
        "00112233445566778899aabbccddeeff.JPG",
        "00112233445566778899aabbccddeeff.jpg.html",
        "00112233445566778899AABBCCDDEEFF.jpg",
        "0112233445566778899aabbccddeeff.jpg",
        "+0112233445566778899aabbccddeeff.jpg",
        "000112233445566778899aabbccddeeff.jpg",
        "../../../../../../../../etc/pass.jpg",
        "0011223344556677/899aabbccddeeff.jpg",
        "0011223344556677889 aabbccddeeff.jpg",
        "00112233445566778899aabbccddeeff.jpg\0",
        "00112233445566778899aabbccddeeff.jpg/",
        " 00112233445566778899aabbccddeeff.jpg",
        "٠٠112233445566778899aabbccddee.jpg",
    ] {
        assert_eq!(wrong.parse::<BlobKey>(), Err(InvalidKey), "{wrong:?}");
    }
}

proptest! {
    #[test]
    fn a_key_reads_as_it_is_written_and_stays_in_its_folder(id: u128, png: bool) {
        let key = BlobKey { id, extension: if png { Extension::Png } else { Extension::Jpeg } };
        prop_assert_eq!(key.to_string().parse::<BlobKey>(), Ok(key));
        let path = Blobs::new("/root/of/blobs").path(key);
        prop_assert!(path.starts_with("/root/of/blobs"));
        prop_assert_eq!(path.components().count(), 4 + 3);
    }

    #[test]
    fn no_other_text_is_a_key(text in "[0-9a-fA-F./ +-]{0,40}(jpg|png|)") {
        if let Ok(key) = text.parse::<BlobKey>() {
            prop_assert_eq!(key.to_string(), text);
        }
    }
}

/// Fails at the step of this number, and if it is dead then, at each later one: nobody tidies up after a crash.
#[derive(Debug)]
pub(super) struct FailingDisk {
    step: Mutex<usize>,
    dead: bool,
    kind: io::ErrorKind,
}

impl FailingDisk {
    pub(super) fn at(step: usize, dead: bool, kind: io::ErrorKind) -> Self {
        Self { step: Mutex::new(step), dead, kind }
    }

    /// Does a step, or fails before it or (half-way) after it.
    fn step(&self, work: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let mut left = self.step.lock().unwrap();
        match *left {
            0 if self.dead => Err(self.kind.into()),
            0 => work(),
            1 => {
                *left = 0;
                // The step has happened, only nobody hears of it.
                work()?;
                Err(self.kind.into())
            }
            _ => {
                *left -= 1;
                work()
            }
        }
    }
}

impl Disk for FailingDisk {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.step(|| LocalDisk.create_folder(path))
    }
    fn write_and_sync(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        // A crash leaves some of the bytes.
        self.step(|| LocalDisk.write_and_sync(path, &bytes[..bytes.len() / 2]))?;
        std::fs::write(path, bytes)
    }
    fn append_and_sync(&self, path: &Path, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.step(|| LocalDisk.append_and_sync(path, at, &bytes[..bytes.len() / 2]))?;
        LocalDisk.append_and_sync(path, at, bytes)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step(|| LocalDisk.rename(from, to))
    }
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.step(|| LocalDisk.sync_folder(path))
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step(|| LocalDisk.remove(path))
    }
}

/// Two folders, the file, the name, three folders forced to the disk.
const STEPS: usize = 7;

#[tokio::test]
async fn whichever_step_fails_nothing_is_left() {
    for step in 1..=STEPS {
        let scratch = Scratch::new();
        let disk = FailingDisk::at(step, false, io::ErrorKind::StorageFull);
        let put =
            Blobs::on(disk, scratch.path()).put(vec![7; 100], Extension::Jpeg, &mut StdRng::seed_from_u64(3)).await;
        assert!(matches!(put, Err(BlobError::Full)), "step {step}: {put:?}");
        assert!(files(scratch.path()).is_empty(), "step {step}");
    }
    let scratch = Scratch::new();
    let disk = FailingDisk::at(STEPS + 1, false, io::ErrorKind::StorageFull);
    let put = Blobs::on(disk, scratch.path()).put(vec![7; 100], Extension::Jpeg, &mut StdRng::seed_from_u64(3)).await;
    assert!(put.is_ok(), "there is no further step");
}

#[tokio::test]
async fn wherever_it_crashes_a_name_stands_for_the_whole_file_and_the_sweep_removes_the_rest() {
    for step in 1..=STEPS {
        let scratch = Scratch::new();
        let disk = FailingDisk::at(step, true, io::ErrorKind::Interrupted);
        let put =
            Blobs::on(disk, scratch.path()).put(vec![7; 100], Extension::Jpeg, &mut StdRng::seed_from_u64(3)).await;
        assert!(matches!(put, Err(BlobError::Failed(io::ErrorKind::Interrupted))), "step {step}: {put:?}");

        // The next start finds whole blobs or temporary files.
        let left = files(scratch.path());
        let in_part = left.iter().filter(|path| std::fs::read(path).unwrap() != [7; 100]);
        assert!(in_part.clone().all(|path| path.starts_with(scratch.path().join(TEMPORARY))), "step {step}: {left:?}");
        let blobs = Blobs::new(scratch.path());
        let swept = blobs.sweep(|_| false, later()).await.unwrap();
        assert_eq!((swept.unknown + swept.temporary, swept.failed), (left.len(), 0), "step {step}");
        assert!(files(scratch.path()).is_empty(), "step {step}");
    }
}

#[tokio::test]
async fn the_sweep_spares_what_is_known_what_is_new_and_what_is_not_ours() {
    let scratch = Scratch::new();
    let blobs = Blobs::new(scratch.path());
    let mut rng = StdRng::seed_from_u64(4);
    let known = blobs.put(b"known".to_vec(), Extension::Jpeg, &mut rng).await.unwrap();
    let unknown = blobs.put(b"unknown".to_vec(), Extension::Jpeg, &mut rng).await.unwrap();
    let folder = blobs.path(known).parent().unwrap().to_owned();
    std::fs::write(folder.join("notes.txt"), "of the administrator").unwrap();
    // A blob's name in another's folder is not the blob.
    std::fs::write(folder.join(unknown.to_string()), "misplaced").unwrap();

    let before = SystemTime::now() - Duration::from_secs(3600);
    assert_eq!(blobs.sweep(|_| false, before).await.unwrap(), Swept::default());
    let swept = blobs.sweep(move |key| key == known, later()).await.unwrap();
    assert_eq!(swept, Swept { unknown: 1, temporary: 0, failed: 0 });
    assert_eq!(blobs.read(known).await.unwrap(), b"known");
    assert!(matches!(blobs.read(unknown).await, Err(BlobError::NotFound)));
    assert_eq!(files(scratch.path()).len(), 3);
    assert_eq!(Blobs::new(scratch.path().join("nothing")).sweep(|_| false, later()).await.unwrap(), Swept::default());
}

#[test]
fn a_full_disk_has_a_name_of_its_own() {
    for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded, io::ErrorKind::FileTooLarge] {
        assert!(matches!(BlobError::from(io::Error::from(kind)), BlobError::Full));
    }
    assert!(matches!(BlobError::from(io::Error::from(io::ErrorKind::PermissionDenied)), BlobError::Failed(_)));
}

/// The name of the test below, and the mark that it runs in a process whose files may not grow.
const LIMITED: &str = "CONFAB_TEST_LIMITED_FOLDER";

/// A real disk is full at some byte: here by the limit on the length of a file that a process has from its shell.
#[cfg(unix)]
#[tokio::test]
async fn a_disk_that_is_really_full_keeps_nothing_and_works_again_with_room() {
    let mut rng = StdRng::seed_from_u64(5);
    if let Some(folder) = std::env::var_os(LIMITED) {
        // The inner process: a file may have 64 KiB.
        let blobs = Blobs::new(PathBuf::from(folder));
        let put = blobs.put(vec![7; 1 << 20], Extension::Jpeg, &mut rng).await;
        assert!(matches!(put, Err(BlobError::Full)), "{put:?}");
        assert!(files(&blobs.root).is_empty());
        blobs.put(vec![7; 1 << 10], Extension::Jpeg, &mut rng).await.unwrap();
        return;
    }
    let scratch = Scratch::new();
    let name = "uploads::blobs::tests::a_disk_that_is_really_full_keeps_nothing_and_works_again_with_room";
    // The signal that comes with it would end the process; shells pass on that it is ignored.
    let script = "trap '' XFSZ; ulimit -f 128; exec \"$0\" --exact \"$1\" --nocapture";
    let mut inner = Command::new("sh");
    inner.args(["-c", script]).arg(std::env::current_exe().unwrap()).arg(name);
    let output = inner.env(LIMITED, scratch.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(files(scratch.path()).len(), 1, "the inner process has kept the small one");
}
