//! Synthetic camera frames: codes drawn by this crate, placed in a scene and distorted in one or more ways.
//! The same seed gives the same frames on every machine.

#![allow(
    dead_code,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test tool: each test uses a part of it, and it fails by panicking"
)]

pub(crate) mod effects;
pub(crate) mod faults;
pub(crate) mod random;
pub(crate) mod scene;

use random::Random;
use scene::{Code, Scene};

/// A grey picture and the texts that are in it.
pub(crate) struct Frame {
    pub(crate) kind: &'static str,
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) pixels: Vec<u8>,
    pub(crate) texts: Vec<String>,
}

/// The kinds of frames, and how many of each a set holds.
pub(crate) const KINDS: [(&str, usize); 22] = [
    ("clean", 6),
    ("rotated", 18),
    ("perspective", 18),
    ("blurred", 12),
    ("noisy", 12),
    ("low contrast", 9),
    ("uneven light", 9),
    ("inverted", 9),
    ("jpeg", 6),
    ("small modules", 12),
    ("several codes", 6),
    ("screen", 18),
    ("bent", 12),
    ("damaged", 9),
    ("phone", 48),
    ("nothing", 12),
    ("no margin", 24),
    ("inverted, no margin", 24),
    ("steep", 24),
    ("one pixel a module", 12),
    ("dots", 12),
    ("unreadable", 24),
];

/// The seed that the reader was tuned on, and one that it was not.
pub(crate) const KNOWN_SEED: u64 = 1;
pub(crate) const HELD_OUT_SEED: u64 = 7_919;

/// All frames of a seed, one after the other.
pub(crate) fn all(seed: u64) -> impl Iterator<Item = Frame> {
    KINDS.into_iter().flat_map(move |(kind, count)| (0..count).map(move |i| frame(kind, i, seed)))
}

/// One frame of a kind.
pub(crate) fn frame(kind: &'static str, index: usize, seed: u64) -> Frame {
    let mut random = Random::of(&[seed, KINDS.iter().position(|k| k.0 == kind).unwrap() as u64, index as u64]);
    if let Some(frame) = faults::frame(kind, index, &mut random) {
        return frame;
    }
    let (width, height) = if index.is_multiple_of(3) { (640, 480) } else { (1280, 720) };
    // Every third frame has a dense migration code, except in kinds that leave no room for one.
    let dense = index % 3 == 2 && !matches!(kind, "several codes" | "small modules");
    let text = if dense { random.migration() } else { random.otpauth() };
    let mut scene = Scene::new(width, height, &mut random);
    let mut texts = vec![text.clone()];
    let least: f32 = if dense { 3.4 } else { 3.0 };
    let module = |random: &mut Random, size: usize| {
        let most = (width.min(height) as f32 * 0.8) / (size as f32 + 8.0);
        random.between(least.min(most), most.min(9.0))
    };
    let code = Code::of(&text);
    let size = module(&mut random, code.size);
    let turn = random.between(0.0, core::f32::consts::TAU);
    let slight = random.between(-0.1, 0.1);
    match kind {
        "clean" => scene.place(&code, size, 0.0, 0.0, &mut random),
        "rotated" => scene.place(&code, size, turn, 0.0, &mut random),
        "perspective" => {
            let tilt = random.between(0.3, 0.9);
            scene.place(&code, size, turn, tilt, &mut random);
        }
        "blurred" => {
            scene.place(&code, size, slight, 0.1, &mut random);
            scene.blur(size * random.between(0.35, 0.6));
        }
        "noisy" => {
            scene.place(&code, size, slight, 0.1, &mut random);
            scene.noise(random.between(15.0, 40.0), &mut random);
        }
        "low contrast" => {
            scene.place(&code, size, slight, 0.1, &mut random);
            let contrast = random.between(0.06, 0.2);
            scene.contrast(contrast, random.between(60.0, 180.0));
            scene.noise(contrast * 6.0, &mut random);
        }
        "uneven light" => {
            scene.place(&code, size, turn, 0.1, &mut random);
            scene.light(random.between(0.5, 0.9), &mut random);
            scene.noise(3.0, &mut random);
        }
        "inverted" => {
            let back = Code::of(&text).inverted();
            scene.place(&back, size, turn, 0.2, &mut random);
            scene.noise(3.0, &mut random);
        }
        "jpeg" => {
            scene.place(&code, size, slight, 0.1, &mut random);
            scene.jpeg(random.between(30.0, 70.0));
        }
        "small modules" => {
            let size = random.between(1.6, 2.6);
            scene.place(&code, size, turn, 0.1, &mut random);
            scene.blur(0.5);
            scene.noise(2.0, &mut random);
        }
        "several codes" => {
            texts.clear();
            for _ in 0..2 + index % 3 {
                let text = random.otpauth();
                let size = random.between(3.0, 4.0) * if width > 1000 { 1.2 } else { 0.75 };
                if scene.place_apart(&Code::of(&text), size, random.between(-0.4, 0.4), &mut random) {
                    texts.push(text);
                }
            }
            scene.noise(3.0, &mut random);
        }
        "screen" => {
            scene.place(&code, size.max(3.6), slight, 0.15, &mut random);
            scene.screen(&mut random);
            scene.blur(random.between(0.5, 1.0));
            scene.noise(random.between(3.0, 8.0), &mut random);
            scene.jpeg(20.0);
        }
        "bent" => {
            scene.bend = random.between(-0.9, 0.9);
            scene.place(&code, size, slight, 0.15, &mut random);
            scene.blur(0.6);
            scene.noise(4.0, &mut random);
        }
        "damaged" => {
            let hurt = Code::of(&text).damaged(&mut random);
            scene.place(&hurt, size, turn, 0.2, &mut random);
            scene.noise(3.0, &mut random);
        }
        "phone" => {
            let tilt = random.between(0.0, 0.6);
            scene.bend = random.between(-0.15, 0.15);
            scene.place(&code, size, random.between(-0.6, 0.6), tilt, &mut random);
            scene.light(random.between(0.0, 0.6), &mut random);
            scene.contrast(random.between(0.35, 0.95), random.between(90.0, 150.0));
            scene.blur(size * random.between(0.1, 0.35));
            scene.noise(random.between(2.0, 12.0), &mut random);
            scene.jpeg(random.between(8.0, 35.0));
        }
        _ => {
            texts.clear();
            match index % 4 {
                0 => scene.lines_of_text(&mut random),
                1 => scene.noise(40.0, &mut random),
                2 => scene.bars(&mut random),
                _ => scene.light(0.7, &mut random),
            }
            scene.noise(3.0, &mut random);
        }
    }
    Frame { kind, width, height, pixels: scene.pixels(), texts }
}
