//! The versions that the media plane's safety rests on, read from the lock file.

use std::collections::HashMap;

/// Every version of every package in `Cargo.lock`.
fn locked() -> HashMap<String, Vec<[u64; 3]>> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock")).unwrap();
    let mut packages = HashMap::<String, Vec<[u64; 3]>>::new();
    let mut name = String::new();
    for line in text.lines() {
        if let Some(value) = line.strip_prefix("name = ") {
            name = value.trim_matches('"').to_owned();
        } else if let Some(value) = line.strip_prefix("version = \"") {
            let numbers = value.split(['.', '-', '+', '"']).map(|part| part.parse().unwrap_or(0));
            let mut version = [0; 3];
            version.iter_mut().zip(numbers).for_each(|(to, from)| *to = from);
            packages.entry(name.clone()).or_default().push(version);
        }
    }
    packages
}

#[test]
fn the_engine_is_new_enough() {
    let packages = locked();
    for (name, floor) in [("str0m", [0, 25, 0]), ("dimpl", [0, 9, 0]), ("sctp-proto", [0, 10, 7])] {
        let versions = packages.get(name).unwrap_or_else(|| panic!("{name} is not in the lock file"));
        assert!(versions.iter().all(|version| *version >= floor), "{name} {versions:?} is below {floor:?}");
    }
}

#[test]
fn one_crypto_library_serves_all() {
    let packages = locked();
    assert!(packages.contains_key("aws-lc-rs"));
    for name in ["ring", "openssl", "openssl-sys", "native-tls"] {
        assert!(!packages.contains_key(name), "{name} is in the lock file");
    }
}
