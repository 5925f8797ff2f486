//! The colours of the page, resolved for a canvas.
//!
//! A canvas knows no CSS variables, and the computed value of a variable keeps its `light-dark()` unresolved. So each
//! colour is set on an element in turn, and its computed colour is read. This is done when the colour scheme changes,
//! not in a frame.

use wasm_bindgen::JsCast as _;
use web_sys::{CssStyleDeclaration, HtmlElement, Window};

use crate::scene::shape::{PAINTS, Paint};

/// Colours by [`Paint`], and the typeface of the page.
#[derive(Clone, Debug)]
pub struct Palette {
    colours: Vec<String>,
    family: String,
}

impl Palette {
    /// Reads the present colours; `None` without a page.
    #[must_use]
    pub fn read() -> Option<Self> {
        let window = web_sys::window()?;
        let document = window.document()?;
        let probe = document.create_element("span").ok()?;
        let probe = probe.dyn_into::<HtmlElement>().ok()?;
        let style = probe.style();
        // Set from a program, which the content-security policy allows, unlike a style attribute.
        style.set_property("display", "none").ok()?;
        style.set_property("forced-color-adjust", "none").ok()?;
        style.set_property("font-family", "var(--font-ui)").ok()?;
        document.body()?.append_child(&probe).ok()?;
        let palette = Self::measure(&window, &probe, &style);
        probe.remove();
        palette
    }

    fn measure(window: &Window, probe: &HtmlElement, style: &CssStyleDeclaration) -> Option<Self> {
        let forced = window
            .match_media("(forced-colors: active)")
            .ok()?
            .is_some_and(|query| query.matches());
        let computed = window.get_computed_style(probe).ok()??;
        let mut colours = Vec::with_capacity(PAINTS.len());
        for paint in PAINTS {
            let wanted = if forced { system(paint) } else { paint.token() };
            style.set_property("color", wanted).ok()?;
            colours.push(computed.get_property_value("color").ok()?);
        }
        let family = computed.get_property_value("font-family").ok()?;
        Some(Self { colours, family })
    }

    /// A colour as CSS text.
    #[must_use]
    pub fn colour(&self, paint: Paint) -> &str {
        &self.colours[paint as usize]
    }

    /// The typeface of controls and labels.
    #[must_use]
    pub fn family(&self) -> &str {
        &self.family
    }
}

/// The reader's own colours (forced colours): shape alone tells the classes apart.
const fn system(paint: Paint) -> &'static str {
    match paint {
        Paint::Card => "Canvas",
        Paint::Down => "LinkText",
        Paint::Draining | Paint::InkSoft => "GrayText",
        _ => "CanvasText",
    }
}
