//! Hair, and what covers it: a part behind the head, and one before it.

use super::super::canvas::{Canvas, Colour, Paint, Point, Shape};
use super::{Hair, Looks};

/// The skull with hair on it.
fn cap() -> Shape {
    Shape::ellipse(Point(0.0, -0.17), (0.435, 0.455))
}

/// Circles in a row: the edge of curls.
fn curls<const N: usize>(circles: [(f32, f32, f32); N]) -> Shape {
    Shape::all(circles.map(|(x, y, radius)| Shape::circle(Point(x, y), radius)))
}

/// What is seen behind neck and shoulders.
pub(super) fn behind(canvas: &mut Canvas, looks: &Looks, second: Colour) {
    let tint = looks.tint.colour().darker(0.22);
    let shape = match looks.hair {
        Hair::Long => {
            let fall = Shape::rectangle(Point(0.0, 0.3), (0.47, 0.58), 0.16);
            Shape::ellipse(Point(0.0, -0.17), (0.47, 0.47)).melted(fall, 0.1)
        }
        Hair::Bob => Shape::rectangle(Point(0.0, -0.06), (0.5, 0.5), 0.34)
            .melted(Shape::rectangle(Point(0.0, 0.2), (0.49, 0.24), 0.12), 0.1),
        Hair::Waves => {
            let sides = curls([(0.44, -0.05, 0.15), (0.49, 0.16, 0.16), (0.47, 0.4, 0.17), (0.44, 0.62, 0.17)]);
            sides.mirrored().or(Shape::rectangle(Point(0.0, 0.2), (0.42, 0.55), 0.1))
        }
        Hair::Afro => curls([
            (0.0, -0.27, 0.52),
            (0.0, -0.66, 0.17),
            (0.21, -0.66, 0.15),
            (0.38, -0.56, 0.15),
            (0.5, -0.41, 0.15),
            (0.55, -0.22, 0.14),
            (0.51, -0.03, 0.13),
            (0.44, 0.12, 0.12),
        ])
        .mirrored(),
        Hair::Bun => {
            let bun = Shape::circle(Point(0.0, -0.7), 0.175);
            canvas.fill(&bun, looks.tint.colour());
            let turn = Shape::bow(Point(-0.1, -0.66), Point(0.02, -0.76), Point(0.12, -0.68), 0.016);
            canvas.fill(&turn, looks.tint.colour().lighter(0.2));
            return;
        }
        Hair::Scarf => {
            let drape = Shape::ellipse(Point(0.0, 0.62), (0.5, 0.34));
            canvas.fill(&cap().grown(0.05).melted(drape, 0.3), scarf(second).darker(0.2));
            return;
        }
        _ => return,
    };
    canvas.fill(&shape, tint);
}

fn scarf(second: Colour) -> Colour {
    second.mixed(Colour::new(0xd9_b8_c4), 0.35)
}

/// What is seen before the head. It throws a little shadow on the face.
pub(super) fn before(canvas: &mut Canvas, looks: &Looks, head: &Shape, second: Colour) {
    let tint = looks.tint.colour();
    let shape = match looks.hair {
        Hair::Bald => return bald(canvas),
        Hair::Scarf => return draw_scarf(canvas, head, scarf(second)),
        Hair::Beanie => return beanie(canvas, looks, head, second),
        Hair::Receding => Shape::ellipse(Point(0.385, -0.14), (0.085, 0.19)).mirrored(),
        Hair::Crop => {
            let opening = Shape::rectangle(Point(0.0, 0.16), (0.345, 0.51), 0.16);
            cap().and(Shape::above(-0.02)).without(opening)
        }
        Hair::Parted => {
            let swept = Shape::ellipse(Point(0.1, -0.5), (0.37, 0.17)).turned(Point(0.0, -0.5), 10.0);
            let opening = Shape::ellipse(Point(-0.06, 0.14), (0.36, 0.52)).turned(Point(0.0, 0.0), 11.0);
            cap().melted(swept, 0.06).and(Shape::above(0.02)).without(opening)
        }
        Hair::Quiff => {
            let top = Shape::ellipse(Point(0.05, -0.59), (0.36, 0.175)).turned(Point(0.0, -0.55), -8.0);
            let opening = Shape::rectangle(Point(0.0, 0.16), (0.35, 0.53), 0.2);
            cap().melted(top, 0.12).and(Shape::above(-0.02)).without(opening)
        }
        Hair::Curls => curls([
            (0.0, -0.53, 0.16),
            (0.17, -0.56, 0.14),
            (0.31, -0.47, 0.14),
            (0.4, -0.33, 0.12),
            (0.42, -0.18, 0.1),
            (0.09, -0.44, 0.12),
            (0.25, -0.4, 0.11),
        ])
        .mirrored()
        .or(cap().without(Shape::rectangle(Point(0.0, 0.2), (0.345, 0.62), 0.16)).and(Shape::above(-0.06))),
        Hair::Afro => {
            let opening = Shape::ellipse(Point(0.0, 0.12), (0.365, 0.5));
            cap().and(Shape::above(0.0)).without(opening)
        }
        Hair::Bob => {
            let opening = Shape::rectangle(Point(0.0, 0.2), (0.335, 0.43), 0.09);
            let sides = Shape::rectangle(Point(0.0, 0.02), (0.49, 0.42), 0.12);
            let all =
                Shape::rectangle(Point(0.0, -0.14), (0.47, 0.5), 0.4).melted(sides.without(Shape::above(-0.1)), 0.08);
            all.without(opening)
        }
        Hair::Long | Hair::Waves => {
            let half = Shape::ellipse(Point(0.16, 0.16), (0.215, 0.56)).turned(Point(0.16, 0.16), -14.0);
            let opening = half.mirrored().or(Shape::ellipse(Point(0.0, 0.3), (0.34, 0.4)));
            let sides = Shape::rectangle(Point(0.0, 0.06), (0.465, 0.3), 0.1);
            cap().grown(0.02).melted(sides, 0.06).without(opening)
        }
        Hair::Bun => cap().and(Shape::above(-0.08)).without(Shape::ellipse(Point(0.0, 0.13), (0.39, 0.57))),
    };
    let shadow = shape.clone().moved(0.012, 0.035).and(head.clone()).without(shape.clone());
    canvas.fill(&shadow, Paint::from(looks.skin.colour().darker(0.45)).alpha(0.4));
    canvas.fill(&shape, Paint::fading(tint.lighter(0.06), tint.darker(0.1)));
    let shine = Shape::bow(Point(-0.3, -0.36), Point(-0.2, -0.5), Point(-0.03, -0.555), 0.035);
    canvas.fill(&shine.and(shape), Paint::from(tint.lighter(0.35)).alpha(0.55).soft(0.012));
}

fn bald(canvas: &mut Canvas) {
    let gleam = Shape::bow(Point(-0.24, -0.38), Point(-0.17, -0.46), Point(-0.05, -0.5), 0.045);
    canvas.fill(&gleam, Paint::from(Colour::new(0xff_ff_ff)).alpha(0.3).soft(0.03));
}

fn draw_scarf(canvas: &mut Canvas, head: &Shape, cloth: Colour) {
    let opening = Shape::ellipse(Point(0.0, 0.03), (0.335, 0.43));
    let drape = Shape::ellipse(Point(0.0, 0.64), (0.43, 0.24));
    let shape = cap().grown(0.035).melted(Shape::ellipse(Point(0.0, 0.12), (0.42, 0.42)), 0.1).melted(drape, 0.16);
    let shape = shape.without(opening);
    let shadow = shape.clone().moved(0.01, 0.035).and(head.clone()).without(shape.clone());
    canvas.fill(&shadow, Paint::from(cloth.darker(0.7)).alpha(0.25));
    canvas.fill(&shape, Paint::fading(cloth.lighter(0.14), cloth.darker(0.1)));
    for (from, middle, to) in [
        (Point(-0.33, 0.42), Point(-0.02, 0.62), Point(0.36, 0.56)),
        (Point(-0.36, 0.56), Point(-0.02, 0.74), Point(0.28, 0.74)),
        (Point(0.36, -0.3), Point(0.42, -0.05), Point(0.36, 0.24)),
    ] {
        canvas
            .fill(&Shape::bow(from, middle, to, 0.018).and(shape.clone()), Paint::from(cloth.darker(0.4)).alpha(0.45));
    }
}

fn beanie(canvas: &mut Canvas, looks: &Looks, head: &Shape, second: Colour) {
    let wool = second.mixed(Colour::new(0xd9_6a_3f), 0.3);
    let opening = Shape::rectangle(Point(0.0, 0.2), (0.345, 0.5), 0.1);
    canvas.fill(&cap().and(Shape::above(0.0)).without(opening), looks.tint.colour());
    let dome = Shape::ellipse(Point(0.0, -0.26), (0.45, 0.46)).and(Shape::above(-0.3));
    let band = Shape::rectangle(Point(0.0, -0.29), (0.465, 0.085), 0.06);
    let shadow = band.clone().moved(0.0, 0.04).and(head.clone());
    canvas.fill(&shadow, Paint::from(looks.skin.colour().darker(0.45)).alpha(0.45));
    canvas.fill(&dome, Paint::fading(wool.lighter(0.1), wool.darker(0.1)));
    canvas.fill(&band, wool.darker(0.16));
    for rib in -4_i8..=4 {
        let x = f32::from(rib) * 0.095;
        canvas.fill(&Shape::line(Point(x, -0.345), Point(x, -0.235), 0.012), wool.darker(0.32));
    }
}
