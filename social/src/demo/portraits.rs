//! Portraits of people who do not exist, drawn from a few words about them.

mod clothes;
mod face;
mod hair;

use super::canvas::{Canvas, Colour, Paint, Point, Shape};
use super::dice::Dice;

/// Width and height of a portrait, in pixels: that of the largest picture that is kept.
pub(super) const SIZE: u32 = 512;

/// How somebody looks; what is left open, a seed decides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Looks {
    pub(super) skin: Skin,
    pub(super) hair: Hair,
    pub(super) tint: Tint,
    pub(super) beard: Beard,
    pub(super) glasses: Glasses,
    pub(super) clothes: Clothes,
}

/// The colour of the skin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Skin {
    Pale,
    Fair,
    Tan,
    Olive,
    Brown,
    Dark,
}

/// The style of the hair, or what covers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hair {
    Bald,
    Receding,
    Crop,
    Parted,
    Quiff,
    Curls,
    Afro,
    Bob,
    Long,
    Waves,
    Bun,
    Scarf,
    Beanie,
}

/// The colour of the hair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tint {
    Black,
    Brown,
    Chestnut,
    Red,
    Blond,
    Grey,
    White,
}

/// Hair in the face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beard {
    None,
    Stubble,
    Moustache,
    Full,
}

/// What is worn on the nose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Glasses {
    None,
    Round,
    Square,
}

/// What is worn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clothes {
    Tee,
    Shirt,
    Hoodie,
    Turtleneck,
    Blazer,
}

impl Skin {
    fn colour(self) -> Colour {
        Colour::new(match self {
            Self::Pale => 0xfb_dd_cb,
            Self::Fair => 0xf5_c9_ab,
            Self::Tan => 0xe5_ae_86,
            Self::Olive => 0xcf_96_6c,
            Self::Brown => 0xa8_6c_48,
            Self::Dark => 0x78_4a_34,
        })
    }

    /// Red, green and blue, each 0 to 255.
    #[cfg(test)]
    pub(super) fn rgb(self) -> [f32; 3] {
        self.colour().0
    }
}

impl Tint {
    fn colour(self) -> Colour {
        Colour::new(match self {
            Self::Black => 0x2b_24_2c,
            Self::Brown => 0x4d_34_2b,
            Self::Chestnut => 0x7a_48_2f,
            Self::Red => 0xb8_56_2c,
            Self::Blond => 0xdf_b0_63,
            Self::Grey => 0x99_96_99,
            Self::White => 0xe4_e0_dd,
        })
    }
}

/// Backgrounds: an upper and a lower colour.
const BACKGROUNDS: [(u32, u32); 8] = [
    (0xff_d9_a8, 0xff_b3_8a),
    (0xb9_e3_f2, 0x86_bf_e6),
    (0xcf_ec_cf, 0x95_d0_b4),
    (0xe6_d6_f7, 0xbf_a6_e8),
    (0xff_d3_d9, 0xf7_a3_b3),
    (0xff_ee_b5, 0xf8_cf_73),
    (0xc9_ee_ea, 0x84_cd_cc),
    (0xdb_e1_f1, 0xa6_b4_d6),
];

/// Colours of clothes, for anybody.
const FABRICS: [u32; 8] =
    [0x2f_5d_8c, 0xd4_5d_4c, 0x2e_7d_6b, 0x6b_4f_93, 0xe2_9a_3b, 0x3b_44_59, 0xb6_4a_72, 0xf0_ea_e0];

/// A portrait: [`SIZE`] squared pixels, three bytes each. The same looks and seed make the same portrait.
pub(super) fn portrait(looks: &Looks, seed: u64) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    let mut canvas = Canvas::new(SIZE, SIZE);
    background(&mut canvas, &mut dice);
    canvas.zoom(1.1, 0.0);
    let fabric = Colour::new(dice.pick(FABRICS));
    let second = Colour::new(dice.pick(FABRICS));
    hair::behind(&mut canvas, looks, second);
    body(&mut canvas, looks);
    clothes::draw(&mut canvas, looks.clothes, fabric, second);
    let head = head(&mut dice);
    face::draw(&mut canvas, looks, &head, &mut dice);
    face::glasses(&mut canvas, looks.glasses);
    hair::before(&mut canvas, looks, &head, second);
    canvas.into_rgb()
}

fn background(canvas: &mut Canvas, dice: &mut Dice) {
    let (top, bottom) = dice.pick(BACKGROUNDS);
    let (top, bottom) = (Colour::new(top), Colour::new(bottom));
    canvas.fill(&Shape::rectangle(Point(0.0, 0.0), (1.0, 1.0), 0.0), Paint::fading(top, bottom));
    // A large disc out of the middle, as a lamp would throw it on a wall.
    let disc = Shape::circle(Point(dice.between(-0.35, 0.35), dice.between(-0.25, 0.0)), 0.86);
    canvas.fill(&disc, Paint::from(top.lighter(0.6)).alpha(0.35));
}

/// The neck, with the shadow of the head on it.
fn body(canvas: &mut Canvas, looks: &Looks) {
    let skin = looks.skin.colour();
    let shoulders = Shape::ellipse(Point(0.0, 1.16), (0.74, 0.52));
    let neck = Shape::rectangle(Point(0.0, 0.5), (0.185, 0.4), 0.1).melted(shoulders, 0.2);
    canvas.fill(&neck, skin.darker(0.04));
    let shadow = Shape::ellipse(Point(0.02, 0.29), (0.33, 0.36));
    canvas.fill(&neck.and(shadow), Paint::from(skin.darker(0.22)));
}

/// The head's outline, a little different for each.
fn head(dice: &mut Dice) -> Shape {
    let (cheeks, chin) = (dice.between(0.325, 0.36), dice.between(0.29, 0.335));
    let skull = Shape::ellipse(Point(0.0, -0.16), (0.405, 0.41));
    skull.melted(Shape::ellipse(Point(0.0, 0.12), (cheeks, chin)), 0.14)
}
