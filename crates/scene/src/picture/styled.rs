//! Elements of a picture, which look as the classes of its style sheet say.

use crate::svg::{PathData, SvgElement, SvgWriter};

/// Writes a text at a position; nothing if it is empty.
pub fn text(svg: &mut SvgWriter, class: &str, (x, y): (f64, f64), text: &str) {
    if !text.is_empty() {
        let element = svg.element("text").attr("class", class);
        element.at(x, y).text(text);
    }
}

/// Writes a rectangle with round corners.
pub fn rect(
    svg: &mut SvgWriter,
    class: &str,
    (x, y): (f64, f64),
    (width, height): (f64, f64),
    radius: f64,
) {
    let element = svg.element("rect").attr("class", class);
    let element = element.at(x, y).size(width, height);
    element.length("rx", radius).end();
}

/// Writes a circle of a class, by its middle and radius.
pub fn circle(svg: &mut SvgWriter, class: &str, (x, y): (f64, f64), radius: f64) {
    let element = svg.element("circle").attr("class", class);
    let element = element.length("cx", x).length("cy", y);
    element.length("r", radius).end();
}

/// Begins a path with this outline; the caller adds further attributes and ends it.
pub fn path<'a>(svg: &'a mut SvgWriter, class: &str, outline: &str) -> SvgElement<'a> {
    let element = svg.element("path").attr("class", class);
    element.attr("d", outline)
}

/// Writes a path that a function draws; `opacity` from 0 to 1.
pub fn drawn(svg: &mut SvgWriter, class: &str, opacity: f64, draw: impl FnOnce(&mut PathData)) {
    let mut data = PathData::default();
    draw(&mut data);
    let element = path(svg, class, data.as_str());
    if opacity < 1.0 {
        element.length("opacity", opacity).end();
    } else {
        element.end();
    }
}
