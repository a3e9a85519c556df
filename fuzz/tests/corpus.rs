//! Every input of the committed corpus still holds what its target promises.

#![allow(clippy::unwrap_used, reason = "test code")]

use std::path::Path;

use confab_fuzz::TARGETS;

/// Most files, and bytes in them, of one target: enough for every branch that fuzzing has reached.
const MAX_FILES: usize = 60;
const MAX_BYTES: usize = 120 * 1024;

#[test]
fn the_corpus_holds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut folders: Vec<_> = corpus.read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    let mut names: Vec<_> = TARGETS.iter().map(|(name, _)| std::ffi::OsString::from(name)).collect();
    folders.sort();
    names.sort();
    assert_eq!(folders, names, "each target has its folder");
    for (name, target) in TARGETS {
        let files: Vec<_> = corpus.join(name).read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
        let mut bytes = 0;
        for file in &files {
            println!("{}", file.display());
            let input = std::fs::read(file).unwrap();
            bytes += input.len();
            target(&input);
        }
        assert!((1..=MAX_FILES).contains(&files.len()), "{name}: {} files", files.len());
        assert!(bytes <= MAX_BYTES, "{name}: {bytes} bytes");
    }
}
