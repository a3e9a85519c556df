//! What people wear.

use super::super::canvas::{Canvas, Colour, Paint, Point, Shape};
use super::Clothes;

/// Where shoulders end and clothes begin.
fn torso() -> Shape {
    Shape::ellipse(Point(0.0, 1.2), (0.84, 0.61)).melted(Shape::rectangle(Point(0.0, 1.2), (0.76, 0.44), 0.2), 0.1)
}

/// Draws them over neck and shoulders.
pub(super) fn draw(canvas: &mut Canvas, clothes: Clothes, fabric: Colour, second: Colour) {
    let paint = Paint::fading(fabric, fabric.darker(0.22));
    let crew = Shape::ellipse(Point(0.0, 0.6), (0.265, 0.19));
    match clothes {
        Clothes::Tee => {
            canvas.fill(&torso().without(crew.clone()), paint);
            canvas.fill(&torso().and(crew.grown(0.022).outline(0.045)), fabric.darker(0.16));
        }
        Clothes::Shirt => shirt(canvas, fabric, paint),
        Clothes::Hoodie => {
            let hood = Shape::ellipse(Point(0.0, 0.7), (0.47, 0.22));
            canvas.fill(&hood.without(crew.clone()), fabric.darker(0.2));
            canvas.fill(&torso().without(crew.clone().grown(0.05)), paint);
            canvas.fill(&crew.clone().grown(0.045).outline(0.09), fabric.darker(0.1));
            for side in [-1.0, 1.0] {
                let string = Shape::line(Point(0.13 * side, 0.82), Point(0.12 * side, 1.0), 0.026);
                canvas.fill(&string, fabric.lighter(0.75));
            }
        }
        Clothes::Turtleneck => {
            let collar = Shape::rectangle(Point(0.0, 0.61), (0.22, 0.115), 0.05);
            canvas.fill(&torso().melted(collar.clone(), 0.12), paint);
            canvas.fill(&collar, fabric.darker(0.06));
            canvas.fill(&Shape::bow(Point(-0.2, 0.66), Point(0.0, 0.7), Point(0.2, 0.66), 0.014), fabric.darker(0.22));
        }
        Clothes::Blazer => blazer(canvas, fabric, second),
    }
    folds(canvas, fabric);
}

/// An open collar of two flaps.
fn shirt(canvas: &mut Canvas, fabric: Colour, paint: Paint) {
    let neck = Shape::convex([Point(-0.24, 0.45), Point(0.24, 0.45), Point(0.0, 0.88)]);
    canvas.fill(&torso().without(neck), paint);
    canvas.fill(&Shape::line(Point(0.0, 0.88), Point(0.0, 1.1), 0.012), fabric.darker(0.25));
    let flap =
        Shape::convex([Point(0.19, 0.52), Point(0.255, 0.6), Point(0.155, 0.84), Point(0.02, 0.83)]).grown(0.014);
    canvas.fill(&flap.clone().moved(0.012, 0.022).mirrored(), Paint::from(fabric.darker(0.4)).alpha(0.5));
    canvas.fill(&flap.mirrored(), fabric.lighter(0.18));
}

/// A jacket over a shirt in the other colour.
fn blazer(canvas: &mut Canvas, fabric: Colour, second: Colour) {
    let neck = Shape::convex([Point(-0.2, 0.45), Point(0.2, 0.45), Point(0.03, 0.74), Point(-0.03, 0.74)]).grown(0.03);
    canvas.fill(&torso().without(neck), second.lighter(0.72));
    let dark = fabric.darker(0.34);
    let half = [Point(0.25, 0.4), Point(1.2, 0.4), Point(1.2, 1.3), Point(0.03, 1.3), Point(0.03, 1.04)];
    canvas.fill(&torso().and(Shape::convex(half)).mirrored(), Paint::fading(dark, dark.darker(0.25)));
    let lapel = Shape::convex([Point(0.23, 0.5), Point(0.29, 0.57), Point(0.31, 0.76), Point(0.04, 1.06)]);
    let lapel = lapel.grown(0.012);
    canvas.fill(&lapel.clone().moved(0.012, 0.016).mirrored(), Paint::from(dark.darker(0.5)).alpha(0.6));
    canvas.fill(&lapel.mirrored(), dark.lighter(0.13));
}

/// Where sleeves begin.
fn folds(canvas: &mut Canvas, fabric: Colour) {
    let fold = Shape::bow(Point(0.53, 1.1), Point(0.52, 0.98), Point(0.56, 0.88), 0.016).mirrored();
    canvas.fill(&fold, Paint::from(fabric.darker(0.5)).alpha(0.5));
}
