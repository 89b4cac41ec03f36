base::codes! {
    /// Why a picture was not looked at.
    pub enum ReadError {
        /// The picture has no pixels.
        Empty = "QR_EMPTY_PICTURE",
        /// The number of bytes does not fit the width and height of the picture.
        WrongLength = "QR_WRONG_LENGTH",
        /// The picture has too many pixels; make it smaller first.
        TooLarge = "QR_PICTURE_TOO_LARGE",
    }
}

/// The most pixels that a picture may have: a 100-megapixel photograph is read, a decompression bomb is not.
pub const MAX_PIXELS: u64 = 128 << 20;

/// Checks that `bytes` is `width * height * bytes_per_pixel` within `MAX_PIXELS`. Gives the width and height.
pub(crate) fn check(bytes: usize, bytes_per_pixel: u64, width: u32, height: u32) -> Result<(usize, usize), ReadError> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 {
        return Err(ReadError::Empty);
    }
    if pixels > MAX_PIXELS {
        return Err(ReadError::TooLarge);
    }
    if u64::try_from(bytes) != Ok(pixels * bytes_per_pixel) {
        return Err(ReadError::WrongLength);
    }
    Ok((width as usize, height as usize))
}

/// One grey byte a pixel (0 black, 255 white) from the bytes of an `ImageData` (RGBA, not premultiplied), composited
/// over white. The weights are those of ITU-R BT.601 in 1/1024.
///
/// # Errors
/// As [`read`](crate::read).
pub fn luma_from_rgba(rgba: &[u8], width: u32, height: u32) -> Result<Vec<u8>, ReadError> {
    check(rgba.len(), 4, width, height)?;
    Ok(luma_over(rgba, u8::MAX))
}

/// As [`luma_from_rgba`], over black. The caller has checked the length.
pub(crate) fn luma_over_black(rgba: &[u8]) -> Vec<u8> {
    luma_over(rgba, 0)
}

pub(crate) fn is_opaque(rgba: &[u8]) -> bool {
    rgba.iter().skip(3).step_by(4).all(|&alpha| alpha == u8::MAX)
}

fn luma_over(rgba: &[u8], ground: u8) -> Vec<u8> {
    let ground = u32::from(ground);
    let (pixels, _) = rgba.as_chunks::<4>();
    pixels
        .iter()
        .map(|&[red, green, blue, alpha]| {
            let gray = (306 * u32::from(red) + 601 * u32::from(green) + 117 * u32::from(blue)) >> 10;
            let alpha = u32::from(alpha);
            let shown = if alpha == 255 { gray } else { (gray * alpha + ground * (255 - alpha)) / 255 };
            u8::try_from(shown).unwrap_or(u8::MAX)
        })
        .collect()
}
