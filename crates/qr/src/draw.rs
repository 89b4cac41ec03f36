use core::fmt::Write;

use crate::{encode::encode, symbol::Correction};

base::codes! {
    /// Why no QR code was drawn.
    pub enum DrawError {
        /// There is no text to draw.
        Empty = "QR_EMPTY_TEXT",
        /// The text is too long for a QR code at this level of error correction.
        TooLong = "QR_TEXT_TOO_LONG",
    }
}

/// How a code is drawn. The default is right for a screen and for paper.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// What a screen reader says. It never defaults to the text of the code, which is usually a secret.
    pub title: &'a str,
    /// Width of the white border in modules. Readers need 4 (ISO/IEC 18004 section 5.3.8).
    pub quiet_zone: u8,
    /// The level of error correction.
    pub correction: Correction,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { title: "QR code", quiet_zone: 4, correction: Correction::Medium }
    }
}

/// Draws the text as a QR code in SVG: black on white whatever the page's colours are, one unit a module. The SVG has
/// no width or height, so that the page's style sets them.
///
/// Text outside ASCII is written as UTF-8 bytes without an ECI, as other encoders do.
///
/// # Errors
/// [`DrawError::Empty`] without text, [`DrawError::TooLong`] when no version of the code holds it.
pub fn draw_svg(text: &str, options: &Options<'_>) -> Result<String, DrawError> {
    if text.is_empty() {
        return Err(DrawError::Empty);
    }
    let modules = encode(text.as_bytes(), options.correction).ok_or(DrawError::TooLong)?;
    let quiet = usize::from(options.quiet_zone);
    let side = modules.size + 2 * quiet;

    let mut svg = String::with_capacity(512 + 12 * modules.size * modules.size / 4);
    svg.push_str("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 ");
    push_number(&mut svg, side);
    svg.push(' ');
    push_number(&mut svg, side);
    svg.push_str("\" shape-rendering=\"crispEdges\"><title>");
    push_escaped(&mut svg, options.title);
    svg.push_str("</title><path fill=\"#fff\" d=\"M0 0h");
    push_number(&mut svg, side);
    svg.push('v');
    push_number(&mut svg, side);
    svg.push_str("H0z\"/><path d=\"");
    for (y, row) in modules.dark.chunks(modules.size).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&true) {
                svg.push('M');
                push_number(&mut svg, x + quiet);
                svg.push(' ');
                push_number(&mut svg, y + quiet);
                svg.push('h');
                push_number(&mut svg, run.len());
                svg.push_str("v1h-");
                push_number(&mut svg, run.len());
                svg.push('z');
            }
            x += run.len();
        }
    }
    svg.push_str("\"/></svg>");
    Ok(svg)
}

fn push_number(svg: &mut String, number: usize) {
    // Writing to a `String` is infallible.
    let _ = write!(svg, "{number}");
}

fn push_escaped(svg: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => svg.push_str("&amp;"),
            '<' => svg.push_str("&lt;"),
            '>' => svg.push_str("&gt;"),
            '"' => svg.push_str("&quot;"),
            '\'' => svg.push_str("&#39;"),
            // XML 1.0 allows no other control characters.
            '\t' | '\n' | '\r' => svg.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => svg.push('\u{fffd}'),
            c => svg.push(c),
        }
    }
}
