//! Drawn codes can be read back, and their SVG is safe in a page.

#![allow(
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests fail by panicking, and say what was absent"
)]

mod frames;

use frames::scene::Code;
use proptest::prelude::*;
use qr::{Correction, DrawError, Options, draw_svg, read};

const LEVELS: [Correction; 4] = [Correction::Low, Correction::Medium, Correction::Quartile, Correction::High];

/// Draws the code with its quiet zone, `module` pixels a module.
fn rasterise(code: &Code, module: usize) -> (Vec<u8>, u32) {
    let side = (code.size + 8) * module;
    let pixels = (0..side * side).map(|i| {
        let at = |p: usize| (p as f32 + 0.5) / module as f32 - 4.0;
        code.value(at(i % side), at(i / side)).map_or(255, |value| value as u8)
    });
    (pixels.collect(), side as u32)
}

fn read_back(text: &str, correction: Correction) -> Vec<String> {
    let (pixels, side) = rasterise(&Code::at(text, correction), 3);
    texts(&pixels, side)
}

fn texts(pixels: &[u8], side: u32) -> Vec<String> {
    read(pixels, side, side).unwrap().iter().map(qr::Code::text).collect()
}

#[test]
fn every_version_and_level_is_read() {
    let mut seen = [[false; 4]; 41];
    for (l, correction) in LEVELS.into_iter().enumerate() {
        let mut length = 1;
        loop {
            let text: String = ('a'..='z').cycle().take(length).collect();
            let svg = match draw_svg(&text, &Options { correction, quiet_zone: 0, ..Options::default() }) {
                Ok(svg) => svg,
                Err(error) => {
                    assert_eq!(error, DrawError::TooLong);
                    break;
                }
            };
            let version = (Code::of_svg(&svg).size - 17) / 4;
            if !seen[version][l] {
                seen[version][l] = true;
                assert_eq!(read_back(&text, correction), [text], "version {version}, {correction:?}");
            }
            length += [4, 11, 23][usize::from(version >= 10) + usize::from(version >= 27)];
        }
    }
    for (version, levels) in seen.iter().enumerate().skip(1) {
        assert_eq!(levels, &[true; 4], "version {version}");
    }
}

#[test]
fn codes_of_another_encoder_are_read() {
    let levels = [qrcode::EcLevel::L, qrcode::EcLevel::M, qrcode::EcLevel::Q, qrcode::EcLevel::H];
    for number in 1..=40 {
        let level = levels[number as usize % 4];
        let text = format!("V{number}: 8675309 {}", "x".repeat(number as usize / 3));
        let text = if number == 1 { "V1" } else { &text };
        let code = qrcode::QrCode::with_version(text, qrcode::Version::Normal(number), level).unwrap();
        let (size, dark) = (code.width(), code.to_colors());
        let side = (size + 8) * 3;
        let pixels: Vec<u8> = (0..side * side)
            .map(|i| {
                let inside = |p: usize| (p / 3).checked_sub(4).filter(|m| *m < size);
                match (inside(i % side), inside(i / side)) {
                    (Some(x), Some(y)) if dark[y * size + x] == qrcode::Color::Dark => 0,
                    _ => 255,
                }
            })
            .collect();
        assert_eq!(texts(&pixels, side as u32), [text]);
    }
}

#[test]
fn a_base32_secret_gets_an_alphanumeric_segment() {
    // Its 32 characters cost 8 bits each in byte mode, 5.5 in alphanumeric mode: even with two mode switches, a smaller
    // code.
    let text = format!("otpauth://totp/a?secret={}", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    assert_eq!(Code::at(&text, Correction::Low).size, 29, "as bytes alone it would be 33");
    assert_eq!(read_back(&text, Correction::Low), [text]);
}

#[test]
fn texts_of_each_mode() {
    for text in [
        "0",
        "8675309000123",
        "HTTPS://EXAMPLE.ORG/A-B",
        "otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ",
        "日本語のテスト",
        "Grüße, 😀",
        "a\u{1d}b\n",
    ] {
        assert_eq!(read_back(text, Correction::Medium), [text]);
    }
}

#[test]
fn empty_and_too_long_texts_are_refused() {
    assert_eq!(draw_svg("", &Options::default()), Err(DrawError::Empty));
    assert_eq!(
        draw_svg(&"a".repeat(2_332), &Options::default()),
        Err(DrawError::TooLong),
        "2,331 bytes are the most at M"
    );
    assert!(draw_svg(&"a".repeat(2_331), &Options::default()).is_ok());
    assert_eq!(draw_svg(&"é".repeat(1_166), &Options::default()), Err(DrawError::TooLong));
}

#[test]
fn the_title_is_escaped_and_the_text_is_not_in_the_svg() {
    let title = "</title><script>\"'&\u{1}";
    let svg = draw_svg("a secret", &Options { title, ..Options::default() }).unwrap();
    assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 29 29\""), "{svg}");
    assert!(svg.contains("<title>&lt;/title&gt;&lt;script&gt;&quot;&#39;&amp;\u{fffd}</title>"), "{svg}");
    assert!(!svg.contains("a secret"));
}

#[test]
fn the_quiet_zone_is_as_wide_as_asked() {
    for quiet_zone in [0, 4, 255] {
        let svg = draw_svg("x", &Options { quiet_zone, ..Options::default() }).unwrap();
        let side = 21 + 2 * u32::from(quiet_zone);
        assert!(svg.contains(&format!("viewBox=\"0 0 {side} {side}\"")));
        assert!(svg.contains(&format!("d=\"M{quiet_zone} {quiet_zone}h7v1h-7z")), "the first run of the corner: {svg}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_comes_back(text in "\\PC{1,200}", level in 0_usize..4) {
        prop_assert_eq!(read_back(&text, LEVELS[level]), vec![text]);
    }

    #[test]
    fn a_damaged_code_gives_its_own_text_or_nothing(
        text in "[a-zA-Z0-9:/?&=]{1,60}",
        level in 0_usize..4,
        hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..60),
    ) {
        let code = Code::at(&text, LEVELS[level]);
        let (mut pixels, side) = rasterise(&code, 3);
        for (place, value) in hits {
            // Overwrite one module.
            let i = place.index(code.size * code.size);
            for y in 0..3 {
                let row = ((i / code.size + 4) * 3 + y) * side as usize + (i % code.size + 4) * 3;
                pixels[row..row + 3].fill(value);
            }
        }
        let texts = texts(&pixels, side);
        prop_assert!(texts.is_empty() || texts == [text.clone()], "{texts:?} is not {text:?}");
    }
}
