//! Drawings as plain data, and how they become SVG: for the page, for a file, for a test on the host.
//!
//! A drawing is a list of [`SvgShape`]s from the back to the front. Colours are [`Paint`]s, so the
//! same drawing follows the page's scheme on the page and has fixed colours in a file.

mod path_data;
mod writer;

pub use self::path_data::{PathData, number};
pub use self::writer::{SvgElement, SvgWriter};

use super::shape::Paint;

/// The XML namespace of a file's root element.
pub const NAMESPACE: &str = "http://www.w3.org/2000/svg";

/// One thing that is drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum SvgShape {
    /// An outline, filled, stroked or both.
    Path {
        /// SVG path data, in CSS pixels.
        data: String,
        /// The look of the outline.
        style: Style,
    },
    /// A line of text.
    Text(Label),
}

/// How an outline looks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Style {
    /// The colour and opacity (0 to 1) that fill it; `None` is no fill.
    pub fill: Option<(Paint, f64)>,
    /// The colour and width of its outline; `None` is no outline.
    pub stroke: Option<(Paint, f64)>,
    /// The lengths of dashes and gaps; empty is a solid line.
    pub dash: &'static [f64],
}

impl Style {
    /// A style that fills the shape.
    #[must_use]
    pub const fn fill(paint: Paint, opacity: f64) -> Self {
        Self {
            fill: Some((paint, opacity)),
            stroke: None,
            dash: &[],
        }
    }

    /// A style that draws a line.
    #[must_use]
    pub const fn line(paint: Paint, width: f64) -> Self {
        Self {
            fill: None,
            stroke: Some((paint, width)),
            dash: &[],
        }
    }

    /// The same style with a dashed line.
    #[must_use]
    pub const fn dashed(self, dash: &'static [f64]) -> Self {
        Self { dash, ..self }
    }
}

/// The part of a text that its position names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anchor {
    /// The text begins at the position.
    #[default]
    Start,
    /// The middle of the text is at the position.
    Middle,
    /// The text ends at the position.
    End,
}

/// A line of text.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// The distance from the left.
    pub x: f64,
    /// The base line, as a distance from the top.
    pub y: f64,
    /// The text. Never markup: the writer escapes it.
    pub text: String,
    /// The part of the text that is at `x`.
    pub anchor: Anchor,
    /// The colour of the text.
    pub paint: Paint,
    /// The font size, in pixels.
    pub size: f64,
    /// Whether the text is bold.
    pub bold: bool,
    /// Whether a rim in the colour of the ground keeps lines out of the text.
    pub rim: bool,
}

/// The font size of labels.
pub const TEXT: f64 = 11.5;

impl Label {
    /// A soft label that begins at a position.
    #[must_use]
    pub fn new(x: f64, y: f64, text: impl Into<String>) -> Self {
        Self {
            x,
            y,
            text: text.into(),
            anchor: Anchor::Start,
            paint: Paint::InkSoft,
            size: TEXT,
            bold: false,
            rim: false,
        }
    }

    /// The same label with another anchor.
    #[must_use]
    pub const fn anchored(mut self, anchor: Anchor) -> Self {
        self.anchor = anchor;
        self
    }

    /// The same label in another colour.
    #[must_use]
    pub const fn painted(mut self, paint: Paint) -> Self {
        self.paint = paint;
        self
    }

    /// The same label in bold ink.
    #[must_use]
    pub const fn strong(mut self) -> Self {
        self.bold = true;
        self.paint = Paint::Ink;
        self
    }

    /// The same label with a rim.
    #[must_use]
    pub const fn rimmed(mut self) -> Self {
        self.rim = true;
        self
    }
}

impl From<Label> for SvgShape {
    fn from(label: Label) -> Self {
        Self::Text(label)
    }
}

/// An outline with a style.
#[must_use]
pub fn path(data: impl Into<String>, style: Style) -> SvgShape {
    SvgShape::Path {
        data: data.into(),
        style,
    }
}

/// A shape of the outline that a function draws.
fn drawn(style: Style, draw: impl FnOnce(&mut PathData)) -> SvgShape {
    let mut data = PathData::default();
    draw(&mut data);
    path(data, style)
}

/// A straight line between two points.
#[must_use]
pub fn line(x1: f64, y1: f64, x2: f64, y2: f64, style: Style) -> SvgShape {
    drawn(style, |data| data.polyline([(x1, y1), (x2, y2)]))
}

/// A rectangle with a style.
#[must_use]
pub fn rect(x: f64, y: f64, width: f64, height: f64, style: Style) -> SvgShape {
    drawn(style, |data| data.rect(x, y, width, height))
}

/// A circle with a style.
#[must_use]
pub fn circle(x: f64, y: f64, r: f64, style: Style) -> SvgShape {
    drawn(style, |data| data.circle(x, y, r))
}

/// A cross whose strokes reach `r` to each side.
#[must_use]
pub fn cross(x: f64, y: f64, r: f64, style: Style) -> SvgShape {
    drawn(style, |data| data.cross(x, y, r))
}

/// The content between `<svg …>` and `</svg>`; `colour` gives the value of a paint.
#[must_use]
pub fn body(shapes: &[SvgShape], colour: impl Fn(Paint) -> &'static str) -> String {
    let mut writer = SvgWriter::default();
    write_shapes(&mut writer, shapes, &colour);
    writer.finish()
}

fn write_shapes(
    writer: &mut SvgWriter,
    shapes: &[SvgShape],
    colour: &impl Fn(Paint) -> &'static str,
) {
    for shape in shapes {
        match shape {
            SvgShape::Path { data, style } => write_path(writer, data, *style, colour),
            SvgShape::Text(label) => write_label(writer, label, colour),
        }
    }
}

fn write_path(
    writer: &mut SvgWriter,
    data: &str,
    style: Style,
    colour: &impl Fn(Paint) -> &'static str,
) {
    let mut path = writer.element("path").attr("d", data);
    path = match style.fill {
        Some((paint, opacity)) if opacity < 1.0 => path
            .attr("fill", colour(paint))
            .attr("fill-opacity", opacity),
        Some((paint, _)) => path.attr("fill", colour(paint)),
        None => path.attr("fill", "none"),
    };
    if let Some((paint, width)) = style.stroke {
        path = path
            .attr("stroke", colour(paint))
            .attr("stroke-width", width)
            .attr("stroke-linejoin", "round");
    }
    if !style.dash.is_empty() {
        let lengths: Vec<String> = style.dash.iter().map(f64::to_string).collect();
        path = path.attr("stroke-dasharray", lengths.join(" "));
    }
    path.end();
}

fn write_label(writer: &mut SvgWriter, label: &Label, colour: &impl Fn(Paint) -> &'static str) {
    let mut text = writer
        .element("text")
        .at(label.x, label.y)
        .attr("font-size", label.size)
        .attr("fill", colour(label.paint));
    text = match label.anchor {
        Anchor::Start => text,
        Anchor::Middle => text.attr("text-anchor", "middle"),
        Anchor::End => text.attr("text-anchor", "end"),
    };
    if label.bold {
        text = text.attr("font-weight", 600);
    }
    if label.rim {
        text = text
            .attr("stroke", colour(Paint::Card))
            .attr("stroke-width", 3)
            .attr("stroke-linejoin", "round")
            .attr("paint-order", "stroke");
    }
    text.text(&label.text);
}

/// The colours of a file: the page's light ones.
const fn light(paint: Paint) -> &'static str {
    match paint {
        Paint::Ink => "#1b2330",
        Paint::InkSoft => "#566170",
        Paint::Card => "#ffffff",
        Paint::Edge => "#858b95",
        Paint::Server0 => "#0072b2",
        Paint::Server1 => "#b84c00",
        Paint::Server2 => "#00796b",
        Paint::Server3 => "#a34f83",
        Paint::Server4 => "#5b4bb5",
        Paint::Server5 => "#7a6400",
        Paint::Server6 => "#8a4b2a",
        Paint::Server7 => "#3f6577",
        Paint::Late => "#a34f83",
        Paint::Healthy => "#0b7a57",
        Paint::Down => "#b3261e",
        Paint::Draining => "#626a76",
        Paint::Line => "#e4dfd3",
        Paint::Focus => "#1f5fbf",
        Paint::Degraded => "#8f5f00",
    }
}

/// Shapes with the position of their origin.
pub type SvgLayer<'a> = (f64, f64, &'a [SvgShape]);

/// A whole SVG file with a title, a description and a ground, complete in itself.
#[must_use]
pub fn file(layers: &[SvgLayer<'_>], size: (f64, f64), title: &str, description: &str) -> String {
    let (width, height) = size;
    let mut writer = SvgWriter::default();
    writer
        .element("svg")
        .attr("xmlns", NAMESPACE)
        .attr("width", width)
        .attr("height", height)
        .attr("viewBox", format_args!("0 0 {width} {height}"))
        .attr("role", "img")
        .attr("font-family", "ui-sans-serif, system-ui, sans-serif")
        .hold(|writer| {
            writer.element("title").text(title);
            writer.element("desc").text(description);
            let ground = writer.element("rect").attr("width", width);
            let ground = ground.attr("height", height);
            ground.attr("fill", light(Paint::Card)).end();
            for (x, y, shapes) in layers {
                let moved = format!("translate({x} {y})");
                let layer = writer.element("g").attr("transform", moved);
                layer.hold(|writer| write_shapes(writer, shapes, &light));
            }
        });
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n",
        writer.finish()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::PAINTS;

    #[test]
    fn shapes_become_elements() {
        let shapes = [
            line(
                0.0,
                1.0,
                2.0,
                3.0,
                Style::line(Paint::Ink, 2.0).dashed(&[6.0, 4.0]),
            ),
            rect(1.0, 2.0, 3.0, 4.0, Style::fill(Paint::Down, 0.5)),
            Label::new(5.0, 6.0, "now").anchored(Anchor::End).into(),
        ];
        let found = body(&shapes, Paint::token);
        assert_eq!(
            found,
            "<path d=\"M0 1L2 3\" fill=\"none\" stroke=\"var(--ink)\" stroke-width=\"2\" \
             stroke-linejoin=\"round\" stroke-dasharray=\"6 4\"/>\
             <path d=\"M1 2h3v4h-3z\" fill=\"var(--down)\" fill-opacity=\"0.5\"/>\
             <text x=\"5\" y=\"6\" font-size=\"11.5\" fill=\"var(--ink-soft)\" \
             text-anchor=\"end\">now</text>"
        );
    }

    #[test]
    fn text_never_becomes_markup() {
        let shapes = [Label::new(0.0, 0.0, "</text><script>\"'&\u{1}").into()];
        let found = file(&[(1.0, 2.0, &shapes)], (10.0, 10.0), "<b>", "a & b");
        assert!(!found.contains("<script") && !found.contains("<b>"));
        assert!(found.contains("&lt;/text&gt;&lt;script&gt;&quot;&#39;&amp;</text>"));
        assert!(found.contains("<desc>a &amp; b</desc>"));
    }

    #[test]
    fn a_file_has_the_colours_of_the_page() {
        let tokens = include_str!("../../../style/tokens.css");
        for paint in PAINTS {
            let name = paint
                .token()
                .trim_start_matches("var(")
                .trim_end_matches(')');
            let written = format!("{name}: light-dark({},", light(paint));
            assert!(tokens.contains(&written), "{written}");
        }
    }
}
