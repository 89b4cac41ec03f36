//! The pictures of `tests/vectors/qr`: one test a row of its `expected.json`.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test with its own harness")]

mod platform;

use std::{fs, io::BufReader, path::Path};

use libtest_mimic::{Arguments, Failed, Trial};
use qr::read_rgba;
use serde_json::Value;

fn main() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/qr"));
    let list =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/qr/expected.json")).unwrap();
    let rows: Vec<Value> = serde_json::from_str(&list).unwrap();
    assert!(rows.len() > 40, "the list is cut off");
    let trial = |row: Value| {
        let file = row["file"].as_str().unwrap().to_owned();
        Trial::test(format!("{} {file}", row["kind"].as_str().unwrap()), move || {
            let mut wanted: Vec<&str> = row["texts"].as_array().unwrap().iter().map(|t| t.as_str().unwrap()).collect();
            let mut texts = texts(&folder.join(&file))?;
            wanted.sort_unstable();
            texts.sort_unstable();
            if texts == wanted { Ok(()) } else { Err(format!("got {texts:?}, wanted {wanted:?}").into()) }
        })
    };
    libtest_mimic::run(&Arguments::from_args(), rows.into_iter().map(trial).collect()).exit();
}

fn texts(path: &Path) -> Result<Vec<String>, Failed> {
    let mut decoder = png::Decoder::new(BufReader::new(fs::File::open(path)?));
    decoder.set_transformations(png::Transformations::normalize_to_color8() | png::Transformations::ALPHA);
    let mut reader = decoder.read_info()?;
    let mut bytes = vec![0; reader.output_buffer_size().ok_or("a picture without a size")?];
    let info = reader.next_frame(&mut bytes)?;
    let rgba: Vec<u8> = match info.color_type {
        png::ColorType::Rgba => bytes,
        png::ColorType::GrayscaleAlpha => bytes.chunks(2).flat_map(|p| [p[0], p[0], p[0], p[1]]).collect(),
        other => return Err(format!("colour type {other:?}").into()),
    };
    let codes = read_rgba(&rgba, info.width, info.height).map_err(|e| format!("{e:?}"))?;
    Ok(codes.iter().map(platform::text).collect())
}
