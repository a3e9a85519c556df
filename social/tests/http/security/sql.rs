//! SQL is text that stands in the source: values come in by placeholders only.

use std::path::{Path, PathBuf};

/// What builds a query out of pieces.
const FORBIDDEN: [&str; 8] = [
    "AssertSqlSafe",
    "QueryBuilder",
    "raw_sql",
    "query(&",
    "query_as(&",
    "query_scalar(&",
    "query(format!",
    ".execute(&*format!",
];

/// Words of SQL that a text made by `format!` may not have.
const WORDS: [&str; 9] =
    ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", " FROM ", " WHERE ", "ORDER BY", " LIMIT ", "PRAGMA "];

/// What is wrong with a source text.
fn offences(source: &str) -> Vec<String> {
    let plain: String =
        source.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let squeezed = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let tight = squeezed.replace("( ", "(");
    let pieces = FORBIDDEN.iter().filter(|piece| tight.contains(**piece)).map(|piece| (*piece).to_owned());
    // The text behind each of these marks, up to the quote that ends it.
    let texts = ["format!(\"", "+ \"", "push_str(\""].iter().flat_map(|mark| tight.split(*mark).skip(1));
    let texts = texts.filter_map(|rest| rest.split('"').next());
    let built = texts.filter(|text| WORDS.iter().any(|word| format!(" {text} ").contains(word)));
    pieces.chain(built.map(str::to_owned)).collect()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, found),
            false if path.extension().is_some_and(|kind| kind == "rs") => found.push(path),
            false => {}
        }
    }
}

#[test]
fn no_query_is_put_together_from_values() {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 50);
    for path in found {
        let source = std::fs::read_to_string(&path).unwrap();
        assert_eq!(offences(&source), Vec::<String>::new(), "{}", path.display());
    }
}

#[test]
fn the_search_finds_what_it_looks_for() {
    for bad in [
        "db.all(&format!(\"SELECT id FROM accounts WHERE name = '{name}'\"), args![])",
        "let sql = format!(\n    \"UPDATE accounts SET x = {x}\"\n);",
        "sqlx::query(AssertSqlSafe(sql))",
        "sqlx::query(&sql)",
        "sqlx::query(\n    &sql)",
        "sql + \" WHERE id = 1\"",
        "sql.push_str(\" LIMIT 1\")",
    ] {
        assert!(!offences(bad).is_empty(), "{bad}");
    }
    for good in ["format!(\"at most {most} characters\")", "db.all(\"SELECT id FROM x WHERE y = $1\", args![y])"] {
        assert!(offences(good).is_empty(), "{good}");
    }
}
