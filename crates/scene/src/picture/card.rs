//! The card that other places show beside a link: a title, a sentence, and a picture of a run.

use super::PictureTheme;
use super::fit::wrap;
use super::reel::{self, Reel};
use super::style::flat;
use super::styled;
use crate::svg::{NAMESPACE, SvgWriter, number};
use evenkeel_sim::engine::view::View;

/// The size of a card: the proportions that others ask for.
const SIZE: (f64, f64) = (1_200.0, 630.0);
/// The size of the picture that is made of it: two thirds, which is sharp enough where cards are shown.
const SHOWN: (f64, f64) = (800.0, 420.0);
/// The left edge of the texts, and the place of the picture: left, top, width, height.
const LEFT: f64 = 64.0;
const PLACE: (f64, f64, f64, f64) = (610.0, 120.0, 530.0, 390.0);
/// The size of the title's letters and of the sentence's, and how many of each fit into a line.
const TITLE: (f64, usize) = (50.0, 16);
const ABOUT: (f64, usize) = (25.0, 38);
/// The rules for the texts of a card.
const RULES: &str = ".brand{font:bold 27px 'DejaVu Serif'}.title{font:bold 50px 'DejaVu Serif'}\
.about{font:25px 'DejaVu Sans'}";

/// A card as SVG, in light colours and without anything that moves. The fonts are those that the writer of the file has.
#[must_use]
pub fn card(title: &str, about: &str, reel: &Reel<'_>, view: View<'_>) -> String {
    let mut writer = SvgWriter::default();
    let view_box = format!("0 0 {} {}", number(SIZE.0), number(SIZE.1));
    let picture = writer.element("svg").attr("xmlns", NAMESPACE);
    let picture = picture.attr("viewBox", view_box).size(SHOWN.0, SHOWN.1);
    picture.hold(|svg| {
        svg.element("style")
            .text(&(flat(PictureTheme::Light) + reel::RULES + RULES));
        styled::rect(svg, "ground", (0.0, 0.0), SIZE, 0.0);
        styled::text(svg, "brand", (LEFT, 96.0), "Evenkeel");
        let lines = wrap(title, TITLE.1, 4);
        let about = wrap(about, ABOUT.1, 5);
        let (pitch, small) = (TITLE.0 * 1.15, ABOUT.0 * 1.4);
        let height = pitch * lines.len() as f64 + 18.0 + small * about.len() as f64;
        let mut y = PLACE.1 + (PLACE.3 - height) / 2.0 + TITLE.0;
        for line in &lines {
            styled::text(svg, "title", (LEFT, y), line);
            y += pitch;
        }
        y += 6.0;
        for line in &about {
            styled::text(svg, "about soft", (LEFT, y), line);
            y += small;
        }
        let (x, y, width, height) = PLACE;
        styled::rect(svg, "box", (x, y), (width, height), 24.0);
        let inner = svg.element("svg").at(x + 20.0, y + 20.0);
        let inner = inner.size(width - 40.0, height - 40.0);
        inner.attr("viewBox", reel.view_box()).hold(|svg| {
            svg.element("g")
                .attr("class", reel.class())
                .hold(|svg| reel.present(view, svg));
        });
    });
    writer.finish()
}
