#![doc = include_str!("../README.md")]
#![expect(
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "pixels and modules: bounds are checked once for a picture, not at each of its points"
)]

mod binarise;
mod decode;
mod draw;
mod encode;
mod finder;
mod geometry;
mod gray;
mod image;
mod kanji;
mod locate;
mod order;
mod pose;
mod read;
mod reed_solomon;
mod sample;
mod symbol;
mod text;
mod triple;

pub use draw::{DrawError, Options, draw_svg};
pub use image::{MAX_PIXELS, ReadError, luma_from_rgba};
pub use read::read;
pub use symbol::Correction;
