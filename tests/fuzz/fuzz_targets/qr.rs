//! Reads a grey picture, whose first byte is its width and the rest its rows. The reader must not panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((width, luma)) = bytes.split_first() else { return };
    let width = usize::from(*width).max(1);
    let height = luma.len() / width;
    let luma = &luma[..width * height];
    let _ = qr::read(luma, u32::from(width as u8), u32::try_from(height).expect("small"));
});
