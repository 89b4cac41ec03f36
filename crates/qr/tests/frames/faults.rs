//! Small pictures like those on screens, pages and packages. Each kind was once not read, or read too slowly.

use super::{
    Frame,
    random::Random,
    scene::{Code, Scene},
};

pub(crate) const KINDS: [&str; 6] =
    ["no margin", "inverted, no margin", "steep", "one pixel a module", "dots", "unreadable"];

/// A frame of one of these kinds; `None` for other kinds.
pub(crate) fn frame(kind: &'static str, index: usize, random: &mut Random) -> Option<Frame> {
    let length = 4 + random.below(50);
    let text = format!("https://example.org/{}", random.letters(b"abcdefghijklmnopqrstuvwxyz0123456789-", length));
    let code = Code::of(&text);
    let mut texts = vec![text];
    let scene = match kind {
        "no margin" => {
            let page = if index.is_multiple_of(4) { 0.0 } else { random.between(5.0, 40.0) };
            bare(&code, page, (0.0, 255.0), index % 3, random)
        }
        // Every fourth is cropped to the code.
        "inverted, no margin" => {
            let page = if index % 4 == 1 { 255.0 } else { random.between(225.0, 255.0) };
            let mut scene = bare(&code, page, (255.0, 0.0), index % 3, random);
            if index.is_multiple_of(4) {
                scene = pixels(&code, 2 + random.below(4), 0, 0.0, (255.0, 0.0));
            }
            scene
        }
        "steep" => {
            let size = (code.size + 8) as f32;
            let module = random.between(4.0, 6.0);
            let side = (size * module * 1.7) as usize;
            let mut scene = Scene::plain(side, side, random.between(120.0, 200.0));
            // The far edge appears a third to half as long as the near one.
            scene.away = random.between(1.2, 1.6);
            let tilt = random.between(0.7, 0.9);
            let (turn, axis) =
                (random.between(0.0, core::f32::consts::TAU), random.between(0.0, core::f32::consts::TAU));
            scene.draw(&code, (side as f32 / 2.0, side as f32 / 2.0), module, turn, tilt, axis);
            if index % 3 == 1 {
                scene.blur(0.5);
            }
            scene
        }
        "one pixel a module" => pixels(&code, 1, index % 3, 255.0, (0.0, 255.0)),
        "dots" => dots(&code, random),
        "unreadable" => {
            texts.clear();
            unreadable(code, index, random)
        }
        _ => return None,
    };
    Some(Frame { kind, width: scene.width, height: scene.height, pixels: scene.pixels(), texts })
}

/// A code in whole pixels with a border of `around` pixels; `dark` and `light` are the grey values of its modules.
fn pixels(code: &Code, module: usize, around: usize, page: f32, (dark, light): (f32, f32)) -> Scene {
    let side = code.size * module + 2 * around;
    let mut scene = Scene::plain(side, side, page);
    for y in 0..code.size {
        for x in 0..code.size {
            let value = if code.is_dark(x, y) { dark } else { light };
            scene.fill(around + x * module, around + y * module, module, module, value);
        }
    }
    scene
}

/// A code without a quiet zone on a page of nearly the colour of its dark modules: plain, blurred or noisy.
fn bare(code: &Code, page: f32, values: (f32, f32), way: usize, random: &mut Random) -> Scene {
    let mut scene = pixels(code, 3 + random.below(4), 10 + random.below(30), page, values);
    match way {
        1 => scene.blur(0.6),
        2 => scene.noise(2.0, random),
        _ => {}
    }
    scene
}

/// Round modules that do not touch; the squares of the finder patterns stay whole.
fn dots(code: &Code, random: &mut Random) -> Scene {
    const MODULE: usize = 6;
    let around = 4 * MODULE;
    let side = code.size * MODULE + 2 * around;
    let mut scene = Scene::plain(side, side, 255.0);
    let radius = random.between(0.36, 0.5);
    let far = code.size - 7;
    for y in 0..side - 2 * around {
        for x in 0..side - 2 * around {
            let (mx, my) = (x / MODULE, y / MODULE);
            let finder = (mx < 7 || mx >= far) && (my < 7 || my >= far) && (mx < 7 || my < 7);
            let offset = |p: usize| ((p % MODULE) as f32 + 0.5) / MODULE as f32 - 0.5;
            let within = offset(x).hypot(offset(y)) <= radius;
            if code.is_dark(mx, my) && (finder || within) {
                scene.fill(around + x, around + y, 1, 1, 0.0);
            }
        }
    }
    scene.blur(0.7);
    scene
}

/// Intact patterns with undecodable data: one pixel a module, a noisy photograph, or a torn sheet.
fn unreadable(code: Code, index: usize, random: &mut Random) -> Scene {
    match index % 3 {
        0 => pixels(&code.with_random_data(random), 1, 0, 255.0, (0.0, 255.0)),
        1 => {
            let code = code.with_random_data(random);
            let module = random.between(2.0, 4.0);
            let side = ((code.size + 10) as f32 * module) as usize;
            let mut scene = Scene::plain(side, side + 12, random.between(150.0, 220.0));
            scene.draw(
                &code,
                (side as f32 / 2.0, side as f32 / 2.0 + 4.0),
                module,
                random.between(-0.05, 0.05),
                0.0,
                0.0,
            );
            scene.blur(module * 0.35);
            scene.noise(random.between(3.0, 14.0), random);
            scene
        }
        _ => {
            let module = 3 + random.below(4);
            let mut scene = pixels(&code, module, 5 * module, 255.0, (0.0, 255.0));
            scene.blur(0.8);
            let (from, to) = ((5 + 9) * module, (5 + code.size - 8) * module);
            let (width, value) = (scene.width, random.between(180.0, 230.0));
            for x in 0..width {
                let (above, below) = (random.below(2 * module), random.below(2 * module));
                scene.fill(x, from + above, 1, to - from - above - below, value);
            }
            scene
        }
    }
}
