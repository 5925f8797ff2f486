//! Drawings as plain data, and the one writer that makes SVG of them: for the page, for a file, for
//! a test on the host.
//!
//! A drawing is a list of [`SvgShape`]s from the back to the front. Colours are [`Paint`]s, so the
//! same drawing follows the page's scheme on the page and has fixed colours in a file.

use std::fmt::Write as _;

use super::shape::Paint;

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
pub const fn path(data: String, style: Style) -> SvgShape {
    SvgShape::Path { data, style }
}

/// A straight line between two points.
#[must_use]
pub fn line(x1: f64, y1: f64, x2: f64, y2: f64, style: Style) -> SvgShape {
    path(format!("M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}"), style)
}

/// A rectangle with a style.
#[must_use]
pub fn rect(x: f64, y: f64, width: f64, height: f64, style: Style) -> SvgShape {
    let mut data = String::new();
    add_rect(&mut data, x, y, width, height);
    path(data, style)
}

/// Adds a rectangle to path data.
pub fn add_rect(data: &mut String, x: f64, y: f64, width: f64, height: f64) {
    let _ = write!(data, "M{x:.1} {y:.1}h{width:.1}v{height:.1}h{:.1}z", -width);
}

/// A circle with a style.
#[must_use]
pub fn circle(x: f64, y: f64, r: f64, style: Style) -> SvgShape {
    let left = x - r;
    let d = 2.0 * r;
    path(
        format!("M{left:.1} {y:.1}a{r:.1} {r:.1} 0 1 0 {d:.1} 0a{r:.1} {r:.1} 0 1 0 -{d:.1} 0z"),
        style,
    )
}

/// A cross with arms of length `r`.
#[must_use]
pub fn cross(x: f64, y: f64, r: f64, style: Style) -> SvgShape {
    let d = 2.0 * r;
    let (left, top) = (x - r, y - r);
    path(
        format!("M{left:.1} {top:.1}l{d:.1} {d:.1}m0 -{d:.1}l-{d:.1} {d:.1}"),
        style,
    )
}

/// Text for a place between tags or in quotes: nothing in it is markup.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // XML 1.0 knows no other control characters.
            c if c.is_control() && !matches!(c, '\t' | '\n' | '\r') => {}
            c => safe.push(c),
        }
    }
    safe
}

/// The content between `<svg …>` and `</svg>`; `colour` gives the value of a paint.
#[must_use]
pub fn body(shapes: &[SvgShape], colour: impl Fn(Paint) -> &'static str) -> String {
    let mut out = String::with_capacity(shapes.len() * 120);
    for shape in shapes {
        match shape {
            SvgShape::Path { data, style } => {
                let _ = write!(out, "<path d=\"{data}\"");
                match style.fill {
                    Some((paint, opacity)) => {
                        let _ = write!(out, " fill=\"{}\"", colour(paint));
                        if opacity < 1.0 {
                            let _ = write!(out, " fill-opacity=\"{opacity}\"");
                        }
                    }
                    None => out.push_str(" fill=\"none\""),
                }
                if let Some((paint, width)) = style.stroke {
                    let paint = colour(paint);
                    let _ = write!(out, " stroke=\"{paint}\" stroke-width=\"{width}\"");
                    out.push_str(" stroke-linejoin=\"round\"");
                }
                if !style.dash.is_empty() {
                    out.push_str(" stroke-dasharray=\"");
                    for length in style.dash {
                        let _ = write!(out, "{length} ");
                    }
                    out.push('"');
                }
                out.push_str("/>");
            }
            SvgShape::Text(label) => text(&mut out, label, &colour),
        }
    }
    out
}

fn text(out: &mut String, label: &Label, colour: &impl Fn(Paint) -> &'static str) {
    let anchor = match label.anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    };
    let bold = if label.bold {
        " font-weight=\"600\""
    } else {
        ""
    };
    let Label { x, y, size, .. } = label;
    let _ = write!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" fill=\"{}\"{anchor}{bold}",
        colour(label.paint)
    );
    if label.rim {
        let ground = colour(Paint::Card);
        let _ = write!(
            out,
            " stroke=\"{ground}\" stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\""
        );
    }
    let _ = write!(out, ">{}</text>", escaped(&label.text));
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
    let mut drawn = String::new();
    for (x, y, shapes) in layers {
        let inside = body(shapes, light);
        let _ = write!(drawn, "<g transform=\"translate({x} {y})\">{inside}</g>");
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" \
         width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         font-family=\"ui-sans-serif, system-ui, sans-serif\"><title>{}</title><desc>{}</desc>\
         <rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>{drawn}</svg>\n",
        escaped(title),
        escaped(description),
        light(Paint::Card),
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
            "<path d=\"M0.0 1.0L2.0 3.0\" fill=\"none\" stroke=\"var(--ink)\" stroke-width=\"2\" \
             stroke-linejoin=\"round\" stroke-dasharray=\"6 4 \"/>\
             <path d=\"M1.0 2.0h3.0v4.0h-3.0z\" fill=\"var(--down)\" fill-opacity=\"0.5\"/>\
             <text x=\"5.0\" y=\"6.0\" font-size=\"11.5\" fill=\"var(--ink-soft)\" \
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
