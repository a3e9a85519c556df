//! libFuzzer around the targets of the library. `make fuzz TARGET=..` builds it with coverage and runs it.

#![no_main]

use std::sync::OnceLock;

use confab_fuzz::{Target, target};
use libfuzzer_sys::fuzz_target;

static TARGET: OnceLock<Target> = OnceLock::new();

fuzz_target!(
    init: {
        // One program for all targets: coverage costs a build of its own, and each link takes as long as this one.
        let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
        let _ = TARGET.set(target(&name).unwrap_or_else(|| {
            eprintln!("FUZZ_TARGET must name a target, see fuzz/src/lib.rs");
            std::process::exit(2);
        }));
    },
    |data: &[u8]| {
        if let Some(target) = TARGET.get() {
            target(data);
        }
    }
);
