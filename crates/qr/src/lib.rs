#![doc = include_str!("../README.md")]

mod draw;
mod image;
mod read;

pub use draw::{Correction, DrawError, Options, draw_svg};
pub use image::{MAX_PIXELS, ReadError, luma_from_rgba};
pub use read::read;
