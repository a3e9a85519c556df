//! Landscapes that nobody has seen, for covers and posts.

use super::canvas::{Canvas, Colour, Paint, Point, Shape};
use super::dice::Dice;

/// Width and height of a cover, in pixels: the largest that is kept.
pub(super) const COVER: (u32, u32) = (1500, 500);

/// Width and height of what people photograph, in pixels: the middle of what would be on a cover.
pub(super) const PHOTO: (u32, u32) = (840, 560);

/// Half of the width of a cover, in units.
const FAR: f32 = 3.0;

/// What there is to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scene {
    Mountains,
    Sea,
    Hills,
    City,
    Dunes,
    Night,
}

/// A landscape: three bytes for each pixel, as wide and high as it is wanted. The same scene and seed make the same
/// landscape.
pub(super) fn landscape(scene: Scene, seed: u64, (width, height): (u32, u32)) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    let mut canvas = Canvas::new(width, height);
    match scene {
        Scene::Mountains => mountains(&mut canvas, &mut dice),
        Scene::Sea => sea(&mut canvas, &mut dice),
        Scene::Hills => hills(&mut canvas, &mut dice),
        Scene::City => city(&mut canvas, &mut dice),
        Scene::Dunes => dunes(&mut canvas, &mut dice),
        Scene::Night => night(&mut canvas, &mut dice),
    }
    canvas.into_rgb()
}

fn sky(canvas: &mut Canvas, top: u32, bottom: u32) {
    let all = Shape::rectangle(Point(0.0, 0.0), (FAR, 1.0), 0.0);
    canvas.fill(&all, Paint::fading(Colour::new(top), Colour::new(bottom)));
}

/// A sun or moon with its glow.
fn disc(canvas: &mut Canvas, at: Point, radius: f32, colour: u32) {
    let colour = Colour::new(colour);
    canvas.fill(&Shape::circle(at, radius * 1.5), Paint::from(colour).alpha(0.4).soft(radius * 2.2));
    canvas.fill(&Shape::circle(at, radius), colour.lighter(0.25));
}

/// How high round hills are at each place: up to `height` around a base line.
fn waves(dice: &mut Dice, base: f32, height: f32) -> impl Fn(f32) -> f32 + Copy + use<> {
    let [wide, middle, narrow] = [(0.7, 1.1), (1.6, 2.4), (3.4, 4.6)]
        .map(|(low, high)| (dice.between(low, high), dice.between(0.0, std::f32::consts::TAU)));
    let wave = |x: f32, (often, from): (f32, f32)| (x * often + from).sin();
    move |x| base + height * (0.6 * wave(x, wide) + 0.3 * wave(x, middle) + 0.1 * wave(x, narrow))
}

/// Round hills.
fn rolling(dice: &mut Dice, base: f32, height: f32) -> Shape {
    Shape::ground(base - height, waves(dice, base, height))
}

/// Mountains: about `height` high, over a base line.
fn ridge(dice: &mut Dice, base: f32, height: f32) -> Shape {
    let waves = [(0.5, 0.55, 0.75), (0.28, 1.2, 1.7), (0.15, 3.1, 4.2), (0.07, 8.0, 11.0)]
        .map(|(size, low, high)| (size, dice.between(low, high), dice.between(0.0, 1.0)));
    let edge = move |x: f32| {
        let peaks =
            waves.iter().map(|(size, often, from)| size * 2.0 * ((x * often + from).rem_euclid(1.0) - 0.5).abs());
        base - height * peaks.sum::<f32>()
    };
    Shape::ground(base - height, edge)
}

fn cloud(canvas: &mut Canvas, dice: &mut Dice, at: Point, alpha: f32) {
    let puffs = [(-0.22, 0.0, 0.06), (-0.1, -0.05, 0.09), (0.05, -0.075, 0.115), (0.19, -0.025, 0.075)];
    let size = dice.between(0.8, 1.3);
    let puffs =
        Shape::all(puffs.map(|(x, y, radius)| Shape::circle(Point(at.0 + x * size, at.1 + y * size), radius * size)));
    let shape = puffs.or(Shape::rectangle(Point(at.0, at.1 + 0.025 * size), (0.34 * size, 0.04 * size), 0.04 * size));
    canvas.fill(&shape, Paint::from(Colour::new(0xff_ff_ff)).alpha(alpha));
}

/// A fir, by the middle of its foot.
fn fir(canvas: &mut Canvas, Point(x, foot): Point, height: f32, colour: Colour) {
    let part = |top: f32, bottom: f32, half: f32| {
        let (top, bottom) = (foot - height * top, foot - height * bottom);
        Shape::convex([Point(x, top), Point(x + half * height, bottom), Point(x - half * height, bottom)])
    };
    let trunk = Shape::line(Point(x, foot), Point(x, foot - height * 0.2), height * 0.06);
    canvas.fill(&Shape::all([part(1.0, 0.6, 0.14), part(0.8, 0.35, 0.2), part(0.58, 0.1, 0.26), trunk]), colour);
}

fn forest(canvas: &mut Canvas, dice: &mut Dice, count: u8, colour: Colour) {
    for index in 0..count {
        let x = -FAR + 2.0 * FAR * (f32::from(index) + dice.between(0.1, 0.9)) / f32::from(count);
        let height = dice.between(0.28, 0.62);
        fir(canvas, Point(x, 1.02), height, colour.lighter(dice.between(0.0, 0.08)));
    }
}

fn mountains(canvas: &mut Canvas, dice: &mut Dice) {
    let (top, bottom, far, near) = dice.pick([
        (0x6f_b7_e8, 0xff_e6_c4, 0xa9_c3_dd, 0x1e_4d_5c),
        (0x8b_7b_c8, 0xff_c9_a3, 0xc9_a6_c4, 0x3a_2f_5f),
        (0x5a_c8_c8, 0xfd_f2_d0, 0xa6_d5_cb, 0x17_50_4a),
    ]);
    sky(canvas, top, bottom);
    disc(canvas, Point(dice.between(-1.9, 1.9), dice.between(-0.45, -0.15)), 0.17, 0xff_f1_c9);
    for _ in 0..3 {
        let at = Point(dice.between(-2.7, 2.7), dice.between(-0.75, -0.45));
        cloud(canvas, dice, at, 0.55);
    }
    let (far, near) = (Colour::new(far), Colour::new(near));
    for layer in 0_u8..4 {
        let part = f32::from(layer) / 4.0;
        let colour = far.mixed(near, part);
        let shape = ridge(dice, 0.55 + part * 0.55, 1.15 - part * 0.45);
        canvas.fill(&shape, Paint::fading(colour, colour.lighter(0.24)));
    }
    forest(canvas, dice, 34, near.darker(0.25));
}

fn sea(canvas: &mut Canvas, dice: &mut Dice) {
    let (top, bottom, light, deep) = dice.pick([
        (0x3f_5f_a8, 0xff_b8_86, 0xf2_a0_86, 0x22_45_7c),
        (0x57_b6_e6, 0xfc_f0_cf, 0x7f_d2_dc, 0x1a_6f_9a),
        (0x6a_4c_93, 0xff_a9_8f, 0xe0_8b_95, 0x35_2e_6b),
    ]);
    sky(canvas, top, bottom);
    let sun = dice.between(-1.6, 1.6);
    disc(canvas, Point(sun, 0.02), 0.24, 0xff_ef_c2);
    for _ in 0..4 {
        let at = Point(dice.between(-2.8, 2.8), dice.between(-0.8, -0.3));
        cloud(canvas, dice, at, 0.4);
    }
    let deep = Colour::new(deep);
    let islands = ridge(dice, 0.2, 0.4).and(Shape::ellipse(Point(-sun, 0.14), (1.3, 0.4)));
    canvas.fill(&islands, deep.lighter(0.3));
    canvas.fill(&Shape::ground(0.12, |_| 0.12), Paint::fading(Colour::new(light), deep));
    for row in 0_u8..16 {
        let depth = f32::from(row) / 16.0;
        let y = 0.15 + depth * depth * 0.85;
        let half = dice.between(0.05, 0.3) * (0.5 + depth);
        let x = sun + dice.between(-0.16, 0.16) * (0.4 + depth);
        let streak = Shape::line(Point(x - half, y), Point(x + half, y), 0.012 + depth * 0.026);
        canvas.fill(&streak, Paint::from(Colour::new(0xff_f3_d4)).alpha(0.75));
    }
    for _ in 0..26 {
        let at = Point(dice.between(-FAR, FAR), dice.between(0.2, 0.98));
        let streak = Shape::line(at, Point(at.0 + 0.1 + at.1 * 0.25, at.1), 0.006 + at.1 * 0.012);
        canvas.fill(&streak, Paint::from(Colour::new(0xff_ff_ff)).alpha(0.2));
    }
    boat(canvas, Point(-sun * 0.6 + 0.5, 0.4));
}

fn boat(canvas: &mut Canvas, Point(x, y): Point) {
    let at = |right: f32, up: f32| Point(x + right, y - up);
    canvas.fill(&Shape::convex([at(0.0, 0.42), at(0.2, 0.06), at(0.0, 0.06)]), Colour::new(0xff_fb_f2));
    canvas.fill(&Shape::convex([at(-0.025, 0.36), at(-0.025, 0.06), at(-0.15, 0.06)]), Colour::new(0xf6_8b_6c));
    let hull = Shape::convex([at(-0.2, 0.04), at(0.23, 0.04), at(0.14, -0.05), at(-0.14, -0.05)]);
    canvas.fill(&hull, Colour::new(0x3d_2b_3f));
}

fn hills(canvas: &mut Canvas, dice: &mut Dice) {
    let (top, bottom, far, near) = dice.pick([
        (0x7c_c9_f2, 0xf6_fb_e4, 0xb5_dd_a2, 0x4c_9a_58),
        (0x8f_d3_e8, 0xff_f1_d0, 0xe6_d6_86, 0x8d_a2_48),
        (0xf7_b2_9b, 0xff_ee_cf, 0xe0_b8_8a, 0x8c_6a_48),
    ]);
    sky(canvas, top, bottom);
    disc(canvas, Point(dice.between(-2.2, 2.2), -0.42), 0.16, 0xff_f0_b8);
    for _ in 0..5 {
        let at = Point(dice.between(-2.8, 2.8), dice.between(-0.75, -0.2));
        cloud(canvas, dice, at, 0.8);
    }
    for layer in 0_u8..4 {
        let part = f32::from(layer) / 3.0;
        let colour = Colour::new(far).mixed(Colour::new(near), part);
        let base = 0.2 + part * 0.52;
        let edge = waves(dice, base, 0.2);
        let shape = Shape::ground(base - 0.2, edge);
        for _ in 0..11 - 2 * layer {
            let (x, size) = (dice.between(-FAR, FAR), dice.between(0.05, 0.07) + 0.05 * part);
            let foot = edge(x) + 0.02;
            let crown = Shape::ellipse(Point(x, foot - size * 2.2), (size, size * 1.4));
            let trunk = Shape::line(Point(x, foot), Point(x, foot - size * 2.0), size * 0.28);
            canvas.fill(&crown.or(trunk), colour.darker(0.3));
        }
        canvas.fill(&shape, Paint::fading(colour.lighter(0.12), colour.darker(0.1)));
    }
}

fn city(canvas: &mut Canvas, dice: &mut Dice) {
    let (top, bottom, far, near) = dice.pick([
        (0x2b_2d_63, 0xff_a8_7d, 0x8a_62_8c, 0x24_1f_45),
        (0x27_5d_8a, 0xff_dc_b0, 0x7f_93_b0, 0x1b_30_4a),
        (0x5b_3f_8c, 0xff_9f_a8, 0xa8_6a_a5, 0x2b_1e_4f),
    ]);
    sky(canvas, top, bottom);
    disc(canvas, Point(dice.between(-1.8, 1.8), 0.1), 0.3, 0xff_e0_b0);
    for layer in 0_u8..3 {
        let part = f32::from(layer) / 2.0;
        let colour = Colour::new(far).mixed(Colour::new(near), part);
        let mut left = -FAR - dice.between(0.0, 0.2);
        while left < FAR {
            let width = dice.between(0.16, 0.36);
            let height = dice.between(0.5, 1.3) * (1.0 - part * 0.35);
            house(canvas, dice, (Point(left, 1.0 - height), width), colour, layer > 0);
            left += width + dice.between(-0.02, 0.08) * (1.0 + part);
        }
    }
}

/// A house by its left upper corner and its width, perhaps with light behind some windows.
fn house(canvas: &mut Canvas, dice: &mut Dice, (Point(left, top), width): (Point, f32), colour: Colour, is_lit: bool) {
    let half = (width / 2.0, (1.0 - top) / 2.0);
    let middle = Point(left + half.0, top + half.1);
    canvas.fill(&Shape::rectangle(middle, half, 0.0), Paint::fading(colour, colour.lighter(0.1)));
    if dice.between(0.0, 1.0) < 0.25 {
        canvas.fill(&Shape::line(Point(middle.0, top), Point(middle.0, top - 0.16), 0.014), colour);
    }
    if !is_lit {
        return;
    }
    let mut y = top + 0.08;
    while y < 0.95 {
        let mut x = left + 0.045;
        while x < left + width - 0.03 {
            if dice.between(0.0, 1.0) < 0.4 {
                let window = Shape::rectangle(Point(x, y), (0.013, 0.022), 0.003);
                canvas.fill(&window, Paint::from(Colour::new(0xff_d9_8a)).alpha(dice.between(0.4, 0.95)));
            }
            x += 0.055;
        }
        y += 0.09;
    }
}

fn dunes(canvas: &mut Canvas, dice: &mut Dice) {
    let (top, bottom, far, near) = dice.pick([
        (0xf4_a2_6b, 0xff_ea_c4, 0xf0_b8_7c, 0x9c_4b_3a),
        (0x6c_b4_d8, 0xff_ec_cd, 0xf3_cf_98, 0xb5_74_48),
        (0xb5_6a_9c, 0xff_cf_a6, 0xe8_9c_84, 0x70_35_56),
    ]);
    sky(canvas, top, bottom);
    disc(canvas, Point(dice.between(-1.8, 1.8), -0.2), 0.28, 0xff_f3_cf);
    for layer in 0_u8..5 {
        let part = f32::from(layer) / 4.0;
        let colour = Colour::new(far).mixed(Colour::new(near), part);
        let shape = rolling(dice, 0.22 + part * 0.6, 0.24);
        let lee = shape.clone().and(rolling(dice, 0.34 + part * 0.6, 0.3));
        canvas.fill(&shape, Paint::fading(colour.lighter(0.22), colour));
        canvas.fill(&lee, Paint::from(colour.darker(0.22)).alpha(0.5));
    }
}

fn night(canvas: &mut Canvas, dice: &mut Dice) {
    let (top, bottom, near) = dice.pick([
        (0x0e_1b_40, 0x4f_7d_a8, 0x0b_1f_33),
        (0x1b_11_42, 0x7a_58_9c, 0x17_10_35),
        (0x06_26_38, 0x2f_8a_86, 0x04_22_2c),
    ]);
    sky(canvas, top, bottom);
    for _ in 0..150 {
        let at = Point(dice.between(-FAR, FAR), dice.between(-1.0, 0.3));
        let star = Shape::circle(at, dice.between(0.003, 0.0095));
        canvas.fill(&star, Paint::from(Colour::new(0xff_fb_ea)).alpha(dice.between(0.4, 1.0)));
    }
    disc(canvas, Point(dice.between(-2.0, 2.0), -0.5), 0.15, 0xf6_f0_d6);
    let near = Colour::new(near);
    for layer in 0_u8..3 {
        let part = f32::from(layer) / 3.0;
        let colour = Colour::new(bottom).darker(0.25).mixed(near, 0.3 + part * 0.6);
        let shape = ridge(dice, 0.7 + part * 0.4, 0.95 - part * 0.35);
        canvas.fill(&shape, Paint::fading(colour, colour.lighter(0.12)));
    }
    forest(canvas, dice, 40, near);
}
