//! Eyes, nose, mouth, beard and glasses.

use super::super::canvas::{Canvas, Colour, Paint, Point, Shape};
use super::super::dice::Dice;
use super::{Beard, Glasses, Hair, Looks};

/// Where the eyes are: to both sides of the middle, and how far down.
const EYE: Point = Point(0.158, -0.005);

/// Ears, the head, and what is on it.
pub(super) fn draw(canvas: &mut Canvas, looks: &Looks, head: &Shape, dice: &mut Dice) {
    let skin = looks.skin.colour();
    if looks.hair != Hair::Scarf {
        canvas.fill(&Shape::ellipse(Point(0.395, 0.02), (0.07, 0.1)).mirrored(), skin.darker(0.05));
        canvas.fill(&Shape::ellipse(Point(0.4, 0.025), (0.035, 0.06)).mirrored(), skin.darker(0.2));
    }
    canvas.fill(head, skin);
    // Light comes from the upper left.
    let shade = head.clone().without(head.clone().moved(-0.07, -0.03));
    canvas.fill(&shade, Paint::from(skin.darker(0.3)).alpha(0.3));
    let cheek = Shape::ellipse(Point(0.225, 0.13), (0.055, 0.04)).mirrored();
    let blush = skin.mixed(Colour::new(0xe8_50_50), 0.5);
    canvas.fill(&cheek, Paint::from(blush).alpha(0.34).soft(0.12));
    beard(canvas, looks, head);
    eyes(canvas, looks, dice);
    let nose = Point(0.0, dice.between(0.115, 0.135));
    let tip =
        Shape::bow(Point(-0.042, nose.1 - 0.012), Point(0.002, nose.1 + 0.018), Point(0.046, nose.1 - 0.012), 0.024);
    canvas.fill(&tip, skin.darker(0.3));
    mouth(canvas, looks, dice);
}

fn eyes(canvas: &mut Canvas, looks: &Looks, dice: &mut Dice) {
    let Point(x, y) = EYE;
    let iris = Colour::new(dice.pick([0x2c_1d_1a, 0x33_22_1c, 0x3a_2a_22, 0x24_2c_38]));
    let white = Shape::ellipse(Point(x, y), (0.063, 0.052)).mirrored();
    canvas.fill(&white, Colour::new(0xff_fd_fa));
    let pupil = Shape::ellipse(Point(x, y + 0.002), (0.046, 0.05));
    canvas.fill(&pupil.clone().or(pupil.moved(-2.0 * x, 0.0)).and(white), iris);
    let gleam = Shape::circle(Point(-0.014, y - 0.018), 0.014);
    canvas.fill(&gleam.clone().moved(x, 0.0).or(gleam.moved(-x, 0.0)), Colour::new(0xff_ff_ff));
    let lid = Shape::bow(Point(x - 0.07, y - 0.018), Point(x, y - 0.062), Point(x + 0.074, y - 0.022), 0.022);
    canvas.fill(&lid.mirrored(), Colour::new(0x2b_20_26));
    let brow_tint = match looks.tint.colour() {
        tint if looks.hair == Hair::Scarf => tint,
        tint => tint.darker(0.18).mixed(looks.skin.colour(), 0.12),
    };
    let (lift, bend) = (dice.between(-0.012, 0.014), dice.between(0.026, 0.042));
    let high = y - 0.138 - lift;
    let brow =
        Shape::bow(Point(x - 0.085, high + 0.012), Point(x + 0.005, high - bend), Point(x + 0.1, high + 0.014), 0.034);
    canvas.fill(&brow.mirrored(), brow_tint);
}

fn mouth(canvas: &mut Canvas, looks: &Looks, dice: &mut Dice) {
    let skin = looks.skin.colour();
    let lips = skin.mixed(Colour::new(0xa8_2f_38), 0.55).darker(0.08);
    let (width, y) = (dice.between(0.115, 0.14), 0.245);
    if dice.between(0.0, 1.0) < 0.5 {
        // An open smile: the lower half of an ellipse, teeth along its upper edge.
        let lower = Shape::rectangle(Point(0.0, y + 0.2), (0.5, 0.2), 0.0);
        let open = Shape::ellipse(Point(0.0, y), (width, 0.1)).and(lower);
        canvas.fill(&open.clone().grown(0.012), lips);
        canvas.fill(&open, Colour::new(0x7c_23_2f));
        let teeth = Shape::rectangle(Point(0.0, y), (width * 0.9, 0.036), 0.02);
        canvas.fill(&teeth.and(open), Colour::new(0xff_fc_f6));
    } else {
        let smile = Shape::bow(Point(-width, y), Point(0.0, y + 0.062), Point(width, y), 0.028);
        canvas.fill(&smile, lips);
        let below = Shape::bow(Point(-0.035, y + 0.105), Point(0.0, y + 0.112), Point(0.035, y + 0.105), 0.016);
        canvas.fill(&below, Paint::from(skin.darker(0.4)).alpha(0.35));
    }
}

fn beard(canvas: &mut Canvas, looks: &Looks, head: &Shape) {
    let tint = looks.tint.colour();
    // Below a line from ear to ear that hangs through under the cheeks, and around the mouth.
    let cheeks = Shape::ellipse(Point(0.0, -0.1), (0.345, 0.3)).or(Shape::above(0.0));
    let around_mouth = Shape::ellipse(Point(0.0, 0.262), (0.165, 0.085));
    let moustache = Shape::bow(Point(-0.155, 0.235), Point(0.0, 0.178), Point(0.155, 0.235), 0.062);
    let jaw = head.clone().without(cheeks);
    match looks.beard {
        Beard::None => {}
        Beard::Stubble => {
            let jaw = jaw.without(around_mouth).or(moustache);
            canvas.fill(&jaw, Paint::from(tint).alpha(0.26).soft(0.03));
        }
        Beard::Moustache => canvas.fill(&moustache, tint),
        Beard::Full => {
            let chin = Shape::ellipse(Point(0.0, 0.3), (0.3, 0.23)).without(Shape::above(0.2));
            let full = jaw.grown(0.012).melted(chin, 0.08).without(around_mouth).or(moustache);
            canvas.fill(&full, Paint::fading(tint, tint.darker(0.12)));
        }
    }
}

/// Glasses; hair goes above their temples.
pub(super) fn glasses(canvas: &mut Canvas, glasses: Glasses) {
    let Point(x, y) = EYE;
    let y = y + 0.012;
    let lens = match glasses {
        Glasses::None => return,
        Glasses::Round => Shape::circle(Point(x, y), 0.128),
        Glasses::Square => Shape::rectangle(Point(x + 0.006, y), (0.135, 0.1), 0.045),
    };
    let frame = Colour::new(if glasses == Glasses::Round { 0x8a_5a_2c } else { 0x24_22_2c });
    canvas.fill(&lens.clone().mirrored(), Paint::from(Colour::new(0xff_ff_ff)).alpha(0.1));
    canvas.fill(&lens.outline(0.024).mirrored(), frame);
    canvas.fill(&Shape::bow(Point(-0.034, y - 0.01), Point(0.0, y - 0.03), Point(0.034, y - 0.01), 0.022), frame);
    canvas.fill(&Shape::line(Point(x + 0.13, y - 0.03), Point(0.395, y - 0.045), 0.022).mirrored(), frame);
}
