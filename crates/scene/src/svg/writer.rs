//! The one writer of SVG: elements that are closed, and texts that cannot become markup.

use std::fmt::Display;

use super::path_data::push_number;
use crate::markup::escape;

/// Markup that grows, element by element.
#[derive(Debug, Default)]
pub struct SvgWriter(String);

impl SvgWriter {
    /// Begins an element. It ends with a function of [`SvgElement`].
    pub fn element(&mut self, name: &'static str) -> SvgElement<'_> {
        self.0.push('<');
        self.0.push_str(name);
        SvgElement { writer: self, name }
    }

    /// The text that was written.
    #[must_use]
    pub fn finish(self) -> String {
        self.0
    }
}

/// The start tag of an element, which takes attributes.
#[must_use = "an element has to be ended"]
pub struct SvgElement<'a> {
    writer: &'a mut SvgWriter,
    name: &'static str,
}

impl SvgElement<'_> {
    /// Adds an attribute; its value is escaped.
    pub fn attr(self, name: &str, value: impl Display) -> Self {
        let value = escape(&value.to_string());
        self.quoted(name, |out| out.push_str(&value))
    }

    /// An attribute that is a coordinate or a length, with at most one digit after the point.
    pub fn length(self, name: &str, value: f64) -> Self {
        self.quoted(name, |out| push_number(out, value))
    }

    fn quoted(self, name: &str, write: impl FnOnce(&mut String)) -> Self {
        let out = &mut self.writer.0;
        out.push(' ');
        out.push_str(name);
        out.push_str("=\"");
        write(out);
        out.push('"');
        self
    }

    /// The attributes `x` and `y`.
    pub fn at(self, x: f64, y: f64) -> Self {
        self.length("x", x).length("y", y)
    }

    /// The attributes `width` and `height`.
    pub fn size(self, width: f64, height: f64) -> Self {
        self.length("width", width).length("height", height)
    }

    /// Ends an element without content.
    pub fn end(self) {
        self.writer.0.push_str("/>");
    }

    /// Ends an element that contains a text.
    pub fn text(self, text: &str) {
        self.hold(|writer| writer.0.push_str(&escape(text)));
    }

    /// Ends an element that contains others.
    pub fn hold(self, content: impl FnOnce(&mut SvgWriter)) {
        self.writer.0.push('>');
        content(self.writer);
        self.writer.0.push_str("</");
        self.writer.0.push_str(self.name);
        self.writer.0.push('>');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_closed_and_texts_are_not_markup() {
        let mut writer = SvgWriter::default();
        writer.element("g").attr("class", "\"><b>").hold(|writer| {
            writer.element("rect").at(1.0, 2.25).size(3.0, 4.0).end();
            writer.element("text").text("</text>");
        });
        assert_eq!(
            writer.finish(),
            "<g class=\"&quot;&gt;&lt;b&gt;\"><rect x=\"1\" y=\"2.2\" width=\"3\" height=\"4\"/>\
             <text>&lt;/text&gt;</text></g>"
        );
    }
}
