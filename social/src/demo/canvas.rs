//! Shapes that know how far a point is from their edge, and a canvas that fills them without jagged edges.
//!
//! Lengths are in units: half of the canvas's height. The origin is its centre, y goes down.

use std::rc::Rc;

/// A place, in units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point(pub(super) f32, pub(super) f32);

/// Red, green and blue, each 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Colour(pub(super) [f32; 3]);

impl Colour {
    /// From `0xRRGGBB`.
    pub(super) const fn new(hex: u32) -> Self {
        Self([(hex >> 16 & 255) as f32, (hex >> 8 & 255) as f32, (hex & 255) as f32])
    }

    /// This colour at 0, the other one at 1.
    pub(super) fn mixed(self, other: Self, part: f32) -> Self {
        let [red, green, blue] = self.0;
        let [to_red, to_green, to_blue] = other.0;
        let mix = |from: f32, to: f32| from + (to - from) * part;
        Self([mix(red, to_red), mix(green, to_green), mix(blue, to_blue)])
    }

    /// Nearer to a dark violet: shadows that are grey look dirty.
    pub(super) fn darker(self, part: f32) -> Self {
        self.mixed(Self::new(0x2a_10_2e), part)
    }

    /// Nearer to a warm white.
    pub(super) fn lighter(self, part: f32) -> Self {
        self.mixed(Self::new(0xff_f8_ec), part)
    }
}

/// How a shape is filled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    top: Colour,
    bottom: Colour,
    alpha: f32,
    softness: f32,
}

impl From<Colour> for Paint {
    fn from(colour: Colour) -> Self {
        Self { top: colour, bottom: colour, alpha: 1.0, softness: 0.0 }
    }
}

impl Paint {
    /// From one colour at the shape's upper edge to another at its lower one.
    pub(super) fn fading(top: Colour, bottom: Colour) -> Self {
        Self { top, bottom, alpha: 1.0, softness: 0.0 }
    }

    /// So opaque: 0 to 1.
    pub(super) fn alpha(self, alpha: f32) -> Self {
        Self { alpha, ..self }
    }

    /// With an edge that is so wide, in units.
    pub(super) fn soft(self, softness: f32) -> Self {
        Self { softness, ..self }
    }
}

/// A rectangle outside of which a shape has nothing: left, top, right, bottom.
#[derive(Debug, Clone, Copy)]
struct Area([f32; 4]);

/// A shape: its points have negative distances from its edge.
#[derive(Clone)]
pub(super) struct Shape {
    area: Area,
    distance: Rc<dyn Fn(Point) -> f32>,
}

impl Shape {
    fn new(area: [f32; 4], distance: impl Fn(Point) -> f32 + 'static) -> Self {
        Self { area: Area(area), distance: Rc::new(distance) }
    }

    /// An ellipse, by its centre and its two radii.
    pub(super) fn ellipse(Point(x, y): Point, (across, down): (f32, f32)) -> Self {
        Self::new([x - across, y - down, x + across, y + down], move |at| {
            let (right, below) = (at.0 - x, at.1 - y);
            let inside = (right / across).hypot(below / down);
            let slope = (right / (across * across)).hypot(below / (down * down));
            // Near the edge this is as good as the distance, and it needs no search for the nearest point.
            if slope > 0.0 { inside * (inside - 1.0) / slope } else { -across.min(down) }
        })
    }

    /// A circle.
    pub(super) fn circle(Point(x, y): Point, radius: f32) -> Self {
        Self::new([x - radius, y - radius, x + radius, y + radius], move |at| (at.0 - x).hypot(at.1 - y) - radius)
    }

    /// A rectangle with round corners, by its centre and half its sizes.
    pub(super) fn rectangle(Point(x, y): Point, (across, down): (f32, f32), radius: f32) -> Self {
        Self::new([x - across, y - down, x + across, y + down], move |at| {
            let right = (at.0 - x).abs() - across + radius;
            let below = (at.1 - y).abs() - down + radius;
            right.max(0.0).hypot(below.max(0.0)) + right.max(below).min(0.0) - radius
        })
    }

    /// A line with round ends, so thick.
    pub(super) fn line(from: Point, to: Point, thickness: f32) -> Self {
        let radius = thickness / 2.0;
        let (right, below) = (to.0 - from.0, to.1 - from.1);
        let square = (right * right + below * below).max(f32::EPSILON);
        let area = [from.0.min(to.0), from.1.min(to.1), from.0.max(to.0), from.1.max(to.1)];
        Self::new(grown(area, radius), move |at| {
            let (x, y) = (at.0 - from.0, at.1 - from.1);
            let part = ((x * right + y * below) / square).clamp(0.0, 1.0);
            (x - right * part).hypot(y - below * part) - radius
        })
    }

    /// A bow through three points, so thick: a part of a parabola, with round ends.
    pub(super) fn bow(from: Point, middle: Point, to: Point, thickness: f32) -> Self {
        const PARTS: u8 = 12;
        let at = |part: f32| {
            let [first, second, third] =
                [(1.0 - part) * (1.0 - 2.0 * part), 4.0 * part * (1.0 - part), part * (2.0 * part - 1.0)];
            Point(from.0 * first + middle.0 * second + to.0 * third, from.1 * first + middle.1 * second + to.1 * third)
        };
        let point = |index: u8| at(f32::from(index) / f32::from(PARTS));
        Self::all((0..PARTS).map(|index| Self::line(point(index), point(index + 1), thickness)))
    }

    /// Everything above a height.
    pub(super) fn above(y: f32) -> Self {
        Self::new([f32::MIN, f32::MIN, f32::MAX, y], move |at| at.1 - y)
    }

    /// Everything below a line from left to right that is nowhere higher than `top`; `edge` has its height at each place.
    pub(super) fn ground(top: f32, edge: impl Fn(f32) -> f32 + 'static) -> Self {
        Self::new([f32::MIN, top, f32::MAX, 1.0], move |at| edge(at.0) - at.1)
    }

    /// A polygon without dents, by its corners, clockwise.
    pub(super) fn convex<const N: usize>(corners: [Point; N]) -> Self {
        let start = [f32::MAX, f32::MAX, f32::MIN, f32::MIN];
        let area = corners.iter().fold(start, |all, &Point(x, y)| around(all, [x, y, x, y]));
        Self::new(area, move |at| {
            let following = corners.iter().cycle().skip(1);
            corners.iter().zip(following).fold(f32::MIN, |most, (from, to)| {
                let (right, below) = (to.0 - from.0, to.1 - from.1);
                let beside = (at.0 - from.0) * below - (at.1 - from.1) * right;
                most.max(beside / right.hypot(below).max(f32::EPSILON))
            })
        })
    }

    /// What is in any of these.
    pub(super) fn all(shapes: impl IntoIterator<Item = Self>) -> Self {
        let shapes: Vec<Self> = shapes.into_iter().collect();
        let area = shapes.iter().fold([f32::MAX, f32::MAX, f32::MIN, f32::MIN], |all, shape| around(all, shape.area.0));
        Self::new(area, move |at| shapes.iter().fold(f32::MAX, |least, shape| least.min((shape.distance)(at))))
    }

    /// What is in either of them.
    pub(super) fn or(self, other: Self) -> Self {
        Self::all([self, other])
    }

    /// What is in both.
    pub(super) fn and(self, other: Self) -> Self {
        let [left, top, right, bottom] = self.area.0;
        let [other_left, other_top, other_right, other_bottom] = other.area.0;
        let area = [left.max(other_left), top.max(other_top), right.min(other_right), bottom.min(other_bottom)];
        Self::new(area, move |at| (self.distance)(at).max((other.distance)(at)))
    }

    /// What is in this one only.
    pub(super) fn without(self, other: Self) -> Self {
        Self::new(self.area.0, move |at| (self.distance)(at).max(-(other.distance)(at)))
    }

    /// Both, with a smooth transition of about this width.
    pub(super) fn melted(self, other: Self, width: f32) -> Self {
        let area = grown(around(self.area.0, other.area.0), width / 4.0);
        Self::new(area, move |at| {
            let (one, two) = ((self.distance)(at), (other.distance)(at));
            let near = (width - (one - two).abs()).max(0.0) / width;
            one.min(two) - near * near * width / 4.0
        })
    }

    /// Its edge as a line.
    pub(super) fn outline(self, thickness: f32) -> Self {
        let radius = thickness / 2.0;
        Self::new(grown(self.area.0, radius), move |at| (self.distance)(at).abs() - radius)
    }

    /// Larger on all sides.
    pub(super) fn grown(self, by: f32) -> Self {
        Self::new(grown(self.area.0, by), move |at| (self.distance)(at) - by)
    }

    /// At another place.
    pub(super) fn moved(self, right: f32, down: f32) -> Self {
        let [left, top, far, bottom] = self.area.0;
        let area = [left + right, top + down, far + right, bottom + down];
        Self::new(area, move |at| (self.distance)(Point(at.0 - right, at.1 - down)))
    }

    /// Turned around a point, clockwise by so many degrees.
    pub(super) fn turned(self, Point(x, y): Point, degrees: f32) -> Self {
        let (sine, cosine) = degrees.to_radians().sin_cos();
        let [left, top, right, bottom] = self.area.0;
        let corners = [(left, top), (right, top), (left, bottom), (right, bottom)].map(|(corner_x, corner_y)| {
            let (across, down) = (corner_x - x, corner_y - y);
            (x + across * cosine - down * sine, y + across * sine + down * cosine)
        });
        let start = [f32::MAX, f32::MAX, f32::MIN, f32::MIN];
        let area = corners.iter().fold(start, |all, &(x, y)| around(all, [x, y, x, y]));
        Self::new(area, move |at| {
            let (across, down) = (at.0 - x, at.1 - y);
            (self.distance)(Point(x + across * cosine + down * sine, y - across * sine + down * cosine))
        })
    }

    /// It, and its image on the other side of the middle.
    pub(super) fn mirrored(self) -> Self {
        let [left, top, right, bottom] = self.area.0;
        let area = around(self.area.0, [-right, top, -left, bottom]);
        Self::new(area, move |at| (self.distance)(at).min((self.distance)(Point(-at.0, at.1))))
    }
}

fn grown([left, top, right, bottom]: [f32; 4], by: f32) -> [f32; 4] {
    [left - by, top - by, right + by, bottom + by]
}

fn around(one: [f32; 4], two: [f32; 4]) -> [f32; 4] {
    [one[0].min(two[0]), one[1].min(two[1]), one[2].max(two[2]), one[3].max(two[3])]
}

/// Pixels to draw on.
pub(super) struct Canvas {
    width: u32,
    height: u32,
    /// Pixels of a unit.
    scale: f32,
    /// Where the origin is, in units from the left upper corner.
    origin: Point,
    pixels: Vec<[u8; 3]>,
}

impl Canvas {
    /// A white one; sizes in pixels.
    pub(super) fn new(width: u32, height: u32) -> Self {
        let pixels = vec![[u8::MAX; 3]; width as usize * height as usize];
        let scale = height as f32 / 2.0;
        Self { width, height, scale, origin: Point(width as f32 / height as f32, 1.0), pixels }
    }

    /// From now on everything is drawn larger around the origin, which is lower by so many units of before.
    pub(super) fn zoom(&mut self, by: f32, lower: f32) {
        self.scale *= by;
        self.origin = Point(self.origin.0 / by, (self.origin.1 + lower) / by);
    }

    /// Fills a shape.
    pub(super) fn fill(&mut self, shape: &Shape, paint: impl Into<Paint>) {
        let paint = paint.into();
        let (scale, origin) = (self.scale, self.origin);
        let Area(area) = shape.area;
        let [left, top, right, bottom] = grown(area, 1.0 / scale + paint.softness / 2.0);
        // A cast of a number that is too large, or below 0, is the largest, or 0.
        let pixel = |units: f32, origin: f32, most: u32| (((units + origin) * scale) as u32).min(most);
        let columns = pixel(left, origin.0, self.width)..pixel(right + 1.0 / scale, origin.0, self.width);
        let edge = scale / (1.0 + paint.softness * scale);
        for row in pixel(top, origin.1, self.height)..pixel(bottom + 1.0 / scale, origin.1, self.height) {
            let y = (row as f32 + 0.5) / scale - origin.1;
            let down = ((y - area[1]) / (area[3] - area[1])).clamp(0.0, 1.0);
            let colour = paint.top.mixed(paint.bottom, down);
            for column in columns.clone() {
                let x = (column as f32 + 0.5) / scale - origin.0;
                let covered = (0.5 - (shape.distance)(Point(x, y)) * edge).clamp(0.0, 1.0);
                if covered > 0.0 {
                    // A soft edge that is a straight ramp would show where it begins.
                    let covered =
                        if paint.softness > 0.0 { covered * covered * (3.0 - 2.0 * covered) } else { covered };
                    self.blend(column, row, colour, covered * paint.alpha);
                }
            }
        }
    }

    fn blend(&mut self, column: u32, row: u32, Colour(colour): Colour, alpha: f32) {
        let index = row as usize * self.width as usize + column as usize;
        if let Some(pixel) = self.pixels.get_mut(index) {
            for (channel, new) in pixel.iter_mut().zip(colour) {
                let old = f32::from(*channel);
                *channel = (old + (new - old) * alpha).round() as u8;
            }
        }
    }

    /// Three bytes for each pixel, line by line.
    pub(super) fn into_rgb(self) -> Vec<u8> {
        self.pixels.into_iter().flatten().collect()
    }
}
