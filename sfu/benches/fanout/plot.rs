//! The figures as bars, for `docs/performance.md`.

use std::fmt::Write;

/// Places in the picture, in pixels: where bars begin, how long the longest is, and how far apart they are.
const LEFT: f64 = 190.0;
const LENGTH: f64 = 400.0;
const ROW: f64 = 28.0;

/// An SVG of bars, each with its name, its nanoseconds, and whether it is a floor.
pub(crate) fn bars(title: &str, rows: &[(&str, f64, bool)]) -> String {
    let longest = rows.iter().map(|(_, value, _)| *value).fold(1.0, f64::max);
    let height = ROW * (rows.len() as f64 + 1.5);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 680 {height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"680\" height=\"{height}\" fill=\"#fff\"/>\n<text x=\"10\" y=\"20\" font-weight=\"bold\">{title}</text>\n"
    );
    for (place, (name, value, is_floor)) in rows.iter().enumerate() {
        let (top, length) = (ROW * (place as f64 + 1.2), value / longest * LENGTH);
        let colour = if *is_floor { "#9aa5b1" } else { "#2f6fde" };
        let (baseline, end) = (top + 15.0, LEFT + length + 6.0);
        let _ = writeln!(
            svg,
            "<text x=\"{:.0}\" y=\"{baseline:.0}\" text-anchor=\"end\">{name}</text>\
             <rect x=\"{LEFT:.0}\" y=\"{top:.0}\" width=\"{length:.1}\" height=\"20\" fill=\"{colour}\"/>\
             <text x=\"{end:.0}\" y=\"{baseline:.0}\">{value:.0} ns</text>",
            LEFT - 8.0
        );
    }
    svg.push_str("</svg>\n");
    svg
}
