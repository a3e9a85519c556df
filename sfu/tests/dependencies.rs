//! The dependencies that the media plane's safety rests on, as cargo resolves them.
#![expect(clippy::expect_used, reason = "test code outside of test functions")]

use std::collections::HashMap;
use std::process::Command;

/// Every version of every package that is built for this platform.
fn built() -> HashMap<String, Vec<[u64; 3]>> {
    let arguments = ["tree", "--workspace", "--locked", "--offline", "--prefix", "none", "--edges", "normal,build,dev"];
    let output = Command::new(env!("CARGO")).current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).output();
    let output = output.expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut packages = HashMap::<String, Vec<[u64; 3]>>::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let mut words = line.split(' ');
        let (Some(name), Some(text)) = (words.next(), words.next()) else { continue };
        let numbers = text.trim_start_matches('v').split(['.', '-', '+']).map(|part| part.parse().unwrap_or(0));
        let mut version = [0; 3];
        version.iter_mut().zip(numbers).for_each(|(to, from)| *to = from);
        packages.entry(name.to_owned()).or_default().push(version);
    }
    packages
}

#[test]
fn the_engine_is_new_enough() {
    let packages = built();
    for (name, floor) in [("str0m", [0, 25, 0]), ("dimpl", [0, 9, 0]), ("sctp-proto", [0, 10, 7])] {
        let versions = packages.get(name).unwrap_or_else(|| panic!("{name} is not built"));
        assert!(versions.iter().all(|version| *version >= floor), "{name} {versions:?} is below {floor:?}");
    }
}

#[test]
fn one_crypto_library_serves_all() {
    let packages = built();
    assert!(packages.contains_key("aws-lc-rs"));
    for name in ["ring", "openssl", "openssl-sys", "native-tls"] {
        assert!(!packages.contains_key(name), "{name} is built");
    }
}
