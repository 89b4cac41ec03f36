//! `cargo xtask generate`: what is made from the one list of codes that each `codes!` is. The lists are read from the
//! sources, so that no code can be forgotten.

use std::{collections::BTreeMap, path::Path};

use crate::run::{Outcome, about, root, text, write};

/// Crates whose errors cross into JavaScript.
const SUBJECTS: [&str; 5] = ["otp", "qr", "cas", "vault", "js"];

/// One row of a `codes!` list.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    code: String,
    sentence: String,
}

pub(crate) fn run(args: &[String]) -> Outcome {
    let only_check = match args {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => return Err("usage: cargo xtask generate [--check]".into()),
    };
    let mut stale = Vec::new();
    for (path, content) in files()? {
        let path = root().join(path);
        if std::fs::read_to_string(&path).is_ok_and(|old| old == content) {
            continue;
        }
        if only_check {
            stale.push(path.display().to_string());
        } else {
            write(&path, content)?;
            eprintln!("xtask: wrote {}", path.display());
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!("generated files are stale:\n  {}\nRun `cargo xtask generate`.", stale.join("\n  ")))
}

/// Every generated file with its content.
fn files() -> Outcome<Vec<(String, String)>> {
    let mut lists = BTreeMap::new();
    for subject in SUBJECTS {
        lists.insert(subject, codes_of(subject)?);
    }
    let mut files = vec![
        ("crates/js/npm/errors.d.ts".to_owned(), types(&lists)),
        ("crates/js/npm/ERRORS.md".to_owned(), document(&lists)),
    ];
    for name in ["base", "cas", "gate", "otp", "qr", "vault"] {
        let path = format!("crates/{name}/README.md");
        let Ok(readme) = text(&root().join(&path)) else { continue };
        if let Some(filled) = between_marks(&readme, &table(&codes_of(name)?)) {
            files.push((path, filled));
        }
    }
    Ok(files)
}

/// Puts the table between the marks `<!-- codes -->` and `<!-- /codes -->`, where a document has them.
fn between_marks(document: &str, table: &str) -> Option<String> {
    const BEGIN: &str = "<!-- codes -->";
    const END: &str = "<!-- /codes -->";
    let (before, rest) = document.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{table}{END}{after}"))
}

/// Every code of a crate, sorted. The same code may stand in two lists only with the same sentence.
fn codes_of(name: &str) -> Outcome<Vec<Row>> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for file in sources(&root().join("crates").join(name).join("src"))? {
        let shown = file.display().to_string();
        for Row { code, sentence } in rows(&text(&file)?).map_err(|e| format!("{shown}: {e}"))? {
            match found.insert(code.clone(), sentence.clone()) {
                Some(other) if other != sentence => return Err(format!("{shown}: {code} has a second sentence")),
                _ => {}
            }
        }
    }
    Ok(found.into_iter().map(|(code, sentence)| Row { code, sentence }).collect())
}

fn sources(folder: &Path) -> Outcome<Vec<std::path::PathBuf>> {
    let mut files = Vec::new();
    if !folder.exists() {
        return Ok(files);
    }
    for entry in std::fs::read_dir(folder).map_err(about(folder))? {
        let path = entry.map_err(about(folder))?.path();
        if path.is_dir() {
            files.extend(sources(&path)?);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The rows of every `codes! { … }` in a source: the first line of a variant's doc comment, and its string.
fn rows(source: &str) -> Outcome<Vec<Row>> {
    let mut rows = Vec::new();
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        let line = line.trim();
        if line.starts_with("//") || !line.contains("codes! {") || line.contains("macro_rules!") {
            continue;
        }
        let mut sentence: Option<String> = None;
        for line in lines.by_ref().map(str::trim) {
            if line == "}" {
                break;
            }
            if line.contains("enum ") {
                sentence = None;
            } else if let Some(doc) = line.strip_prefix("///") {
                sentence.get_or_insert_with(|| doc.trim().to_owned());
            } else if let Some((_, quoted)) = line.split_once("= \"") {
                let code = quoted.split('"').next().unwrap_or_default().to_owned();
                let sentence = sentence.take().ok_or_else(|| format!("{code} has no sentence"))?;
                rows.push(Row { code, sentence });
            }
        }
    }
    Ok(rows)
}

fn table(rows: &[Row]) -> String {
    let lines: String = rows.iter().map(|row| format!("| `{}` | {} |\n", row.code, row.sentence)).collect();
    format!("| code | what is wrong |\n|---|---|\n{lines}")
}

fn title(subject: &str) -> &str {
    match subject {
        "otp" => "Otp",
        "qr" => "Qr",
        "cas" => "Cas",
        "vault" => "Vault",
        _ => "Package",
    }
}

fn types(lists: &BTreeMap<&str, Vec<Row>>) -> String {
    let mut out = String::from(
        "// Generated by `cargo xtask generate` from the lists of codes in the Rust sources.\n\n\
         /** What every function of this package throws: a real `Error` with a stable `code`.\n \
         * The message is an English sentence for people. It never holds what was typed, nor any secret. */\n\
         export class PortcullisError extends Error {\n  readonly name: \"PortcullisError\";\n  \
         readonly code: ErrorCode;\n  constructor(code: ErrorCode, message: string);\n}\n\n\
         /** Every code. A code is never renamed and never given a second meaning; new ones may come. */\n\
         export type ErrorCode =",
    );
    let filled: Vec<_> = SUBJECTS.iter().filter(|s| lists.get(*s).is_some_and(|rows| !rows.is_empty())).collect();
    for subject in &filled {
        out.push_str(&format!("\n  | {}ErrorCode", title(subject)));
    }
    out.push_str(";\n");
    for subject in filled {
        out.push_str(&format!("\nexport type {}ErrorCode =", title(subject)));
        for row in lists.get(*subject).into_iter().flatten() {
            out.push_str(&format!("\n  /** {} */\n  | \"{}\"", row.sentence, row.code));
        }
        out.push_str(";\n");
    }
    out
}

fn document(lists: &BTreeMap<&str, Vec<Row>>) -> String {
    let mut out = String::from(
        "# Errors\n\nEvery error is a real `Error` with `name` \"PortcullisError\" and a stable `code`. Test the code, \
         show the message.\nGenerated by `cargo xtask generate`.\n",
    );
    for subject in SUBJECTS {
        if let Some(rows) = lists.get(subject).filter(|rows| !rows.is_empty()) {
            out.push_str(&format!("\n## {}\n\n{}", title(subject), table(rows)));
        }
    }
    out
}

/// The same types for `require`: their relative imports name the CommonJS twins.
pub(crate) fn commonjs_types(types: &str) -> String {
    types.replace(".js\"", ".cjs\"")
}

#[cfg(test)]
mod tests {
    use super::{Row, between_marks, rows};

    #[test]
    fn reads_a_list_of_codes() {
        let source = "
            base::codes! {
                /// Why a colour was refused.
                #[non_exhaustive]
                pub(crate) enum ColourError {
                    /// The colour has no name.
                    /// More, not part of the sentence.
                    Nameless = \"COLOUR_NAMELESS\",
                    /// A character cannot be read.
                    BadCharacter {
                        /// Where.
                        at: usize,
                    } = \"COLOUR_BAD_CHARACTER\",
                }
            }
            const NOT_ONE: &str = \"x\";";
        let row = |code: &str, sentence: &str| Row { code: code.into(), sentence: sentence.into() };
        let expected = [
            row("COLOUR_NAMELESS", "The colour has no name."),
            row("COLOUR_BAD_CHARACTER", "A character cannot be read."),
        ];
        assert_eq!(rows(source).unwrap(), expected);
    }

    #[test]
    fn refuses_a_code_without_a_sentence() {
        assert!(rows("codes! {\n pub enum E {\n A = \"A\",\n }\n}").is_err());
    }

    #[test]
    fn fills_the_marked_place_only() {
        let document = "a\n<!-- codes -->\nold\n<!-- /codes -->\nb";
        assert_eq!(between_marks(document, "new\n").unwrap(), "a\n<!-- codes -->\nnew\n<!-- /codes -->\nb");
        assert_eq!(between_marks("no marks", "new"), None);
    }
}
