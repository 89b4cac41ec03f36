//! Photographs in the folder `qr` of `PORTCULLIS_FIXTURES`, one test for each entry of its `expected.json`. Ignored
//! when the folder is absent.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test with its own harness")]

mod platform;

use std::{fs::File, io::BufReader, path::Path};

use libtest_mimic::{Arguments, Failed, Trial};
use qr::{luma_from_rgba, read};
use serde_json::Value;
use vectors::fixtures;

fn main() {
    let trials = match fixtures::folder("qr") {
        Err(absent) => {
            let missing = format!("{} is absent", absent.display());
            vec![Trial::test("photographs", move || Err(missing.into())).with_ignored_flag(true)]
        }
        Ok(folder) => {
            let rows: Vec<Value> = serde_json::from_str(&fixtures::text("qr", "expected.json").unwrap()).unwrap();
            assert!(!rows.is_empty(), "the list names no photograph");
            let trial = |row: Value| {
                let folder = folder.clone();
                let name = row["file"].as_str().unwrap().to_owned();
                Trial::test(format!("photograph {name}"), move || {
                    is_read(&folder.join(row["file"].as_str().unwrap()), row["text"].as_str())
                })
            };
            rows.into_iter().map(trial).collect()
        }
    };
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Where the list has no text, any text is accepted: no other reader could read that photograph.
fn is_read(file: &Path, wanted: Option<&str>) -> Result<(), Failed> {
    let (luma, width, height) = photograph(file)?;
    let codes = read(&luma, width, height).map_err(|e| format!("{e:?}"))?;
    let texts: Vec<String> = codes.iter().map(platform::text).collect();
    match wanted {
        // The list has "" for bytes that are no text; this reader gives them as Latin-1.
        Some("") if texts.len() == 1 && !texts.concat().is_empty() => Ok(()),
        Some(wanted) if texts != [wanted] => Err(format!("got {texts:?}, wanted {wanted:?}").into()),
        _ => Ok(()),
    }
}

fn photograph(path: &Path) -> Result<(Vec<u8>, u32, u32), Failed> {
    let mut decoder = png::Decoder::new(BufReader::new(File::open(path)?));
    decoder.set_transformations(png::Transformations::normalize_to_color8() | png::Transformations::ALPHA);
    let mut reader = decoder.read_info()?;
    let mut bytes = vec![0; reader.output_buffer_size().ok_or("a picture without a size")?];
    let info = reader.next_frame(&mut bytes)?;
    let rgba: Vec<u8> = match info.color_type {
        png::ColorType::Rgba => bytes,
        png::ColorType::GrayscaleAlpha => bytes.chunks(2).flat_map(|p| [p[0], p[0], p[0], p[1]]).collect(),
        other => return Err(format!("colour type {other:?}").into()),
    };
    let luma = luma_from_rgba(&rgba, info.width, info.height).map_err(|e| format!("{e:?}"))?;
    Ok((luma, info.width, info.height))
}
