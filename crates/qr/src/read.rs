use crate::image::{ReadError, check};

/// The text of every QR code in a grey picture (one byte a pixel, row by row, 0 black, 255 white), each text once.
///
/// An empty list says that nothing was found: that is not an error. A text is given only when its error correction
/// held (ISO/IEC 18004 section 6.5), never a guess.
///
/// # Errors
/// [`ReadError::WrongLength`] when `luma` is not `width * height` bytes, [`ReadError::Empty`] without pixels,
/// [`ReadError::TooLarge`] over [`MAX_PIXELS`](crate::MAX_PIXELS).
pub fn read(luma: &[u8], width: u32, height: u32) -> Result<Vec<String>, ReadError> {
    check(luma.len(), 1, width, height)?;
    let mut texts = Vec::new();
    let mut quirc = quircs::Quirc::default();
    let (Ok(width), Ok(height)) = (usize::try_from(width), usize::try_from(height)) else {
        return Err(ReadError::TooLarge);
    };
    for code in quirc.identify(width, height, luma).flatten() {
        if let Some(text) = code.decode().ok().and_then(|data| String::from_utf8(data.payload).ok())
            && !texts.contains(&text)
        {
            texts.push(text);
        }
    }
    Ok(texts)
}
