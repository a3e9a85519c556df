//! Makes sure that there is a web app to embed: an unbuilt one is replaced by a page that says so.

use std::io::Write as _;
use std::path::Path;
use std::{fs, io};

const PLACEHOLDER: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Confab</title>\
<p>The web app is not part of this build. Run <code>make web</code> and build again.</p></html>\n";

fn main() -> io::Result<()> {
    let dist = Path::new("../web/app/dist");
    let index = dist.join("index.html");
    if !index.exists() {
        fs::create_dir_all(dist)?;
        fs::write(index, PLACEHOLDER)?;
    }
    // Cargo's instruction: a rebuilt app has other file names, which the embedding macro alone would not notice.
    writeln!(io::stdout(), "cargo::rerun-if-changed=../web/app/dist")
}
