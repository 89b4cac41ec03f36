//! Checks of source text that need no parser.

use super::{Found, Report, files};
use crate::run::root;

/// Lines. A longer file is hard to read in one go.
const LONG: usize = 300;

/// The only file that may call the XML parser.
const XML_READER: &str = "crates/cas/src/xml.rs";

pub(crate) fn run() -> Found {
    let mut wrong = Vec::new();
    for file in files::files(|path| path.ends_with(".rs"))? {
        let shipped = shipped(&file.path, &file.text);
        for line in unexplained(shipped) {
            wrong.push(format!("{}:{line}: expose() without `// EXPOSE: why` beside it", file.path));
        }
        if file.path != XML_READER {
            // `.text()` is only the first text child: a comment inside a user name would truncate it.
            for call in [".text()", "Document::parse"].into_iter().filter(|_| shipped.contains("roxmltree::")) {
                for line in lines_with(shipped, call) {
                    wrong.push(format!("{}:{line}: {call} belongs to {XML_READER}", file.path));
                }
            }
        }
    }
    let lints = crate::run::text(&root().join(".clippy.toml"))?;
    for clock in ["std::time::SystemTime::now", "std::time::Instant::now"] {
        if !lints.contains(clock) {
            wrong.push(format!(".clippy.toml no longer forbids {clock}"));
        }
    }
    // A path in a home folder works on one machine only, and reveals a user name.
    let own = ["/root/", "/Users/", "/home/", "C:\\Users\\"];
    let readable = |path: &str| {
        let endings =
            [".rs", ".md", ".mjs", ".js", ".ts", ".tsx", ".json", ".toml", ".py", ".txt", ".html", ".css", ".yml"];
        endings.iter().any(|e| path.ends_with(e)) && path != "crates/xtask/src/check/text.rs"
    };
    for path in files::paths(readable)? {
        // A fixture may have any encoding. Files that are not UTF-8 are skipped.
        let Ok(text) = crate::run::text(&root().join(&path)) else { continue };
        for (line, _) in text.lines().zip(1..).filter(|(l, _)| own.iter().any(|o| l.contains(o))).map(|(l, n)| (n, l)) {
            wrong.push(format!("{path}:{line}: a path in a home folder"));
        }
    }
    Ok(Report::new(
        "Give the reason in an EXPOSE comment; parse XML through crates/cas/src/xml.rs; use paths relative to the repository.",
        wrong,
    ))
}

/// The part of a source file without tests; empty for files that are not shipped.
fn shipped<'t>(path: &str, text: &'t str) -> &'t str {
    // The build driver has no secrets, and its source contains the patterns searched for.
    let in_crate = path.starts_with("crates/") && !path.starts_with("crates/xtask/") || path.starts_with("worker/");
    if !in_crate || !path.contains("/src/") || path.ends_with("/tests.rs") || path.contains("/tests/") {
        return "";
    }
    text.split("\n#[cfg(test)]\nmod tests").next().unwrap_or(text)
}

/// Lines, counted from 1, that call `expose()` with no `EXPOSE:` on the line or on the four before it.
fn unexplained(text: &str) -> Vec<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let calls = lines_with(text, ".expose()");
    let beside = |line: usize| {
        let near = lines.get(line.saturating_sub(5)..line).unwrap_or_default();
        near.iter().any(|l| l.contains("// EXPOSE: "))
    };
    calls.into_iter().filter(|line| !beside(*line)).collect()
}

/// Lines, counted from 1, that contain `what` outside a comment.
fn lines_with(text: &str, what: &str) -> Vec<usize> {
    let code = |line: &str| line.split("//").next().unwrap_or_default().contains(what);
    text.lines().zip(1..).filter(|(line, _)| code(line)).map(|(_, number)| number).collect()
}

pub(crate) fn links() -> Found {
    let mut wrong = Vec::new();
    for file in files::files(|path| path.ends_with(".md"))? {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for target in targets(&file.text) {
            if !root().join(folder).join(target).exists() {
                wrong.push(format!("{}: {target}", file.path));
            }
        }
    }
    Ok(Report::new("The target does not exist; links are relative to the document's folder.", wrong))
}

/// The files that a Markdown document links to, without URLs, anchors and links inside code.
fn targets(document: &str) -> Vec<&str> {
    let mut code = false;
    let mut found = Vec::new();
    for line in document.lines() {
        if line.trim_start().starts_with("```") {
            code = !code;
        }
        if code {
            continue;
        }
        // Every second piece is inside back ticks.
        for text in line.split('`').step_by(2) {
            for rest in text.split("](").skip(1) {
                let target = rest.split([')', ' ', '#']).next().unwrap_or_default();
                if !target.is_empty() && !target.contains(':') && !target.contains("::") {
                    found.push(target);
                }
            }
        }
        // A picture or a link in HTML.
        for attribute in ["src=\"", "href=\"", "srcset=\""] {
            for rest in line.split(attribute).skip(1) {
                let target = rest.split(['"', '#']).next().unwrap_or_default();
                if !target.is_empty() && !target.contains(':') {
                    found.push(target);
                }
            }
        }
    }
    found
}

pub(crate) fn long() -> Found {
    let source = |path: &str| {
        let code = [".rs", ".mjs", ".ts", ".tsx", ".py"].iter().any(|ending| path.ends_with(ending));
        code && !path.ends_with(".d.ts")
    };
    let lengths = files::files(source)?;
    let mut long: Vec<(usize, String)> =
        lengths.iter().map(|f| (f.text.lines().count(), f.path.clone())).filter(|(lines, _)| *lines > LONG).collect();
    long.sort();
    long.reverse();
    let remarks = long.into_iter().map(|(lines, path)| format!("{path}: {lines} lines")).collect();
    Ok(Report { remarks, ..Report::new("", vec![]) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exposed_secret_is_explained() {
        let rows = [
            ("// EXPOSE: it is the key\nkey.expose()", vec![]),
            ("key.expose() // EXPOSE: it is the key", vec![]),
            ("// EXPOSE: it is\nlet x = f(\n  a,\n  b,\n  key.expose())", vec![]),
            ("key.expose()", vec![1]),
            ("// EXPOSE:\nkey.expose()", vec![2]),
            ("// EXPOSE: far\n\n\n\n\nkey.expose()", vec![6]),
            ("/// `key.expose()` is explained", vec![]),
        ];
        for (text, expect) in rows {
            assert_eq!(unexplained(text), expect, "{text}");
        }
    }

    #[test]
    fn tests_are_not_shipped() {
        assert_eq!(shipped("crates/a/src/b.rs", "code\n#[cfg(test)]\nmod tests {}"), "code");
        assert_eq!(shipped("crates/a/tests/b.rs", "code"), "");
        assert_eq!(shipped("crates/a/src/b/tests.rs", "code"), "");
        assert_eq!(shipped("tests/vectors/b.rs", "code"), "");
    }

    #[test]
    fn targets_of_a_document() {
        let document = "[a](b.md) and [c](d/e.md#f \"t\") [g](https://h.example) [i](#j)\n`[k](l.md)`\n```\n[m](n.md)\n```\n\
                        ![o](p.png)<img src=\"q.png\"><a href=\"https://r.example\">";
        assert_eq!(targets(document), ["b.md", "d/e.md", "p.png", "q.png"]);
    }
}
