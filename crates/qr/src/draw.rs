use core::fmt::Write;

use qrcode::{Color, EcLevel, QrCode, Version, bits::Bits};

base::codes! {
    /// Why no QR code was drawn.
    pub enum DrawError {
        /// There is no text to draw.
        Empty = "QR_EMPTY_TEXT",
        /// The text is too long for a QR code at this level of error correction.
        TooLong = "QR_TEXT_TOO_LONG",
    }
}

/// How much of the code may be damaged and still be read (ISO/IEC 18004 section 6.5.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Correction {
    /// About 7 % of the codewords: the smallest code, for screens.
    Low,
    /// About 15 %: what most codes use.
    #[default]
    Medium,
    /// About 25 %.
    Quartile,
    /// About 30 %: for paper that will be folded.
    High,
}

/// How a code is drawn. The default is right for a screen and for paper.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// What a screen reader says. The text of the code is a secret more often than not, so it is never used here.
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

/// The text as a QR code in SVG: black on white whatever the page's colours are, one unit a module, no size of its
/// own, so that the page's style sets it.
///
/// Text outside ASCII is written as UTF-8 bytes, as other writers do.
///
/// # Errors
/// [`DrawError::Empty`] without text, [`DrawError::TooLong`] when no version of the code holds it.
pub fn draw_svg(text: &str, options: &Options<'_>) -> Result<String, DrawError> {
    let modules = Modules::of(text, options.correction)?;
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
    for (y, row) in modules.rows().enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
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

/// The squares of a code, row by row.
struct Modules {
    size: usize,
    colours: Vec<Color>,
}

impl Modules {
    fn of(text: &str, correction: Correction) -> Result<Self, DrawError> {
        if text.is_empty() {
            return Err(DrawError::Empty);
        }
        let level = match correction {
            Correction::Low => EcLevel::L,
            Correction::Medium => EcLevel::M,
            Correction::Quartile => EcLevel::Q,
            Correction::High => EcLevel::H,
        };
        let code = if text.is_ascii() {
            QrCode::with_error_correction_level(text, level)
        } else {
            // The encoder would take some pairs of UTF-8 bytes for Shift JIS and write them in Kanji mode.
            (1..=40)
                .map(Version::Normal)
                .find_map(|version| {
                    let mut bits = Bits::new(version);
                    bits.push_byte_data(text.as_bytes()).ok()?;
                    bits.push_terminator(level).ok()?;
                    Some(QrCode::with_bits(bits, level))
                })
                .ok_or(DrawError::TooLong)?
        };
        let code = code.map_err(|_| DrawError::TooLong)?;
        Ok(Self { size: code.width(), colours: code.into_colors() })
    }

    fn rows(&self) -> impl Iterator<Item = &[Color]> {
        self.colours.chunks(self.size)
    }
}

fn push_number(svg: &mut String, number: usize) {
    // Writing into a String does not fail.
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
            // No control character but these three is allowed in XML 1.0.
            '\t' | '\n' | '\r' => svg.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => svg.push('\u{fffd}'),
            c => svg.push(c),
        }
    }
}
