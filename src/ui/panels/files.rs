//! Saves a chart as a file: a picture, a drawing, or its numbers.

use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, HtmlAnchorElement, HtmlCanvasElement, Path2d,
    Url,
};

use crate::scene::chart::Chart;
use crate::scene::chart::table::DataTable;
use crate::scene::shape::Paint;
use crate::scene::svg::{Anchor, Label, Style, SvgLayer, SvgShape, file};
use crate::ui::palette::Palette;

/// Pixels of a saved picture for each CSS pixel of the page.
const SHARP: f64 = 2.0;
/// The margin around a saved chart, in CSS pixels.
const MARGIN: f64 = 16.0;
/// The height of the title of a saved chart, in CSS pixels.
const TITLE: f64 = 30.0;
/// How long a download may take to read the saved content, in milliseconds.
const READ_MS: u32 = 20_000;

/// The file formats of a chart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ExportKind {
    /// A picture.
    Png,
    /// A drawing.
    Svg,
    /// Numbers.
    Csv,
}

impl ExportKind {
    /// All formats that a chart can be saved in.
    pub const ALL: [Self; 3] = [Self::Png, Self::Svg, Self::Csv];

    /// The label of the format.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Svg => "SVG",
            Self::Csv => "CSV",
        }
    }
}

/// Saves a chart.
///
/// # Errors
/// The content of the file as text, where the page may not save files: in a sandboxed frame.
pub fn save(kind: ExportKind, name: &str, chart: &Chart, table: &DataTable) -> Result<(), String> {
    let (title, ending) = (name, kind.word().to_lowercase());
    let file_name = format!(
        "evenkeel-{}.{ending}",
        title.to_lowercase().replace(' ', "-")
    );
    let mut head = Label::new(MARGIN, 20.0, title).strong();
    head.size = 14.0;
    let head = [SvgShape::from(head)];
    let layers: [SvgLayer<'_>; 2] = [(0.0, 0.0, &head), (MARGIN, TITLE, &chart.shapes)];
    let size = (chart.width + 2.0 * MARGIN, chart.height + TITLE + MARGIN);
    let drawing = || file(&layers, size, title, &chart.description);
    // Whether a sandbox lets a download through cannot be asked; it has no origin of its own, though.
    let barred = window().origin() == "null";
    match kind {
        ExportKind::Csv if barred => Err(table.csv()),
        _ if barred => Err(drawing()),
        ExportKind::Csv => {
            let csv = table.csv();
            offer(&file_name, "text/csv;charset=utf-8", &csv.as_str().into()).ok_or(csv)
        }
        ExportKind::Svg => {
            offer(&file_name, "image/svg+xml", &drawing().into()).ok_or_else(drawing)
        }
        ExportKind::Png => picture(&layers, size)
            .and_then(|bytes| offer(&file_name, "image/png", &bytes.into()))
            .ok_or_else(drawing),
    }
}

/// Lets the browser save a file.
fn offer(name: &str, mime: &str, content: &JsValue) -> Option<()> {
    let parts = Array::of1(content);
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    let blob = Blob::new_with_blob_sequence_and_options(&parts, &options).ok()?;
    let address = Url::create_object_url_with_blob(&blob).ok()?;
    let link = document().create_element("a").ok()?;
    let link = link.dyn_into::<HtmlAnchorElement>().ok()?;
    link.set_href(&address);
    link.set_download(name);
    link.click();
    spawn_local(async move {
        // The download reads what the address stands for.
        TimeoutFuture::new(READ_MS).await;
        let _ = Url::revoke_object_url(&address);
    });
    Some(())
}

/// The shapes as PNG, in the present colours of the page.
fn picture(layers: &[SvgLayer<'_>], (width, height): (f64, f64)) -> Option<Uint8Array> {
    let canvas = document().create_element("canvas").ok()?;
    let canvas = canvas.dyn_into::<HtmlCanvasElement>().ok()?;
    canvas.set_width((width * SHARP) as u32);
    canvas.set_height((height * SHARP) as u32);
    let context = canvas.get_context("2d").ok()??;
    let context = context.dyn_into::<CanvasRenderingContext2d>().ok()?;
    let palette = Palette::read()?;
    context.scale(SHARP, SHARP).ok()?;
    context.set_fill_style_str(palette.colour(Paint::Card));
    context.fill_rect(0.0, 0.0, width, height);
    context.set_line_join("round");
    for &(x, y, shapes) in layers {
        context.translate(x, y).ok()?;
        for shape in shapes {
            match shape {
                SvgShape::Path { data, style } => outline(&context, &palette, data, *style)?,
                SvgShape::Text(label) => text(&context, &palette, label)?,
            }
        }
        context.translate(-x, -y).ok()?;
    }
    let address = canvas.to_data_url_with_type("image/png").ok()?;
    let (_, encoded) = address.split_once(',')?;
    let bytes = window().atob(encoded).ok()?;
    let bytes: Vec<u8> = bytes.chars().map(|letter| letter as u8).collect();
    Some(Uint8Array::from(bytes.as_slice()))
}

fn outline(
    context: &CanvasRenderingContext2d,
    palette: &Palette,
    data: &str,
    style: Style,
) -> Option<()> {
    let path = Path2d::new_with_path_string(data).ok()?;
    if let Some((paint, opacity)) = style.fill {
        context.set_global_alpha(opacity);
        context.set_fill_style_str(palette.colour(paint));
        context.fill_with_path_2d(&path);
        context.set_global_alpha(1.0);
    }
    if let Some((paint, width)) = style.stroke {
        let dash: Array = style.dash.iter().copied().map(JsValue::from).collect();
        context.set_line_dash(&dash).ok()?;
        context.set_line_width(width);
        context.set_stroke_style_str(palette.colour(paint));
        context.stroke_with_path(&path);
    }
    Some(())
}

fn text(context: &CanvasRenderingContext2d, palette: &Palette, label: &Label) -> Option<()> {
    let weight = if label.bold { 600 } else { 400 };
    context.set_font(&format!("{weight} {}px {}", label.size, palette.family()));
    context.set_text_align(match label.anchor {
        Anchor::Start => "left",
        Anchor::Middle => "center",
        Anchor::End => "right",
    });
    if label.rim {
        context.set_line_dash(&Array::new()).ok()?;
        context.set_line_width(3.0);
        context.set_stroke_style_str(palette.colour(Paint::Card));
        context.stroke_text(&label.text, label.x, label.y).ok()?;
    }
    context.set_fill_style_str(palette.colour(label.paint));
    context.fill_text(&label.text, label.x, label.y).ok()
}
