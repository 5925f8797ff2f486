//! Data for the program, within a page.

use maud::{Markup, PreEscaped, html};
use serde::Serialize;

/// A script element that holds data as JSON, with an `id` if it has one.
///
/// # Errors
/// Data that JSON cannot hold.
pub fn data(id: Option<&str>, data: &impl Serialize) -> Result<Markup, String> {
    let json = serde_json::to_string(data).map_err(|error| error.to_string())?;
    // `<` cannot end the script element early when it is written as an escape of JSON.
    let json = PreEscaped(json.replace('<', "\\u003c"));
    Ok(html! { script type="application/json" id=[id] { (json) } })
}
