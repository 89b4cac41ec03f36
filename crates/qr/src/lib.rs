#![doc = include_str!("../README.md")]
#![expect(
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "pixels and modules: bounds are checked once for a picture, not at each of its points"
)]

mod binarise;
mod charset;
mod code;
mod decode;
mod draw;
mod effort;
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
mod view;

pub use code::{Code, Segment};
pub use draw::{DrawError, Options, draw_svg};
pub use image::{MAX_PIXELS, ReadError, luma_from_rgba};
pub use read::{read, read_rgba};
pub use symbol::Correction;
