//! Loads what the editor needs besides its code: the schema, its texts in the reader's language, and the style sheet.
//! None of it loads with the first view.

use std::cell::RefCell;
use std::collections::BTreeMap;

use leptos::prelude::*;

use crate::edit::schema::SchemaDoc;
use crate::ui::language::fetch;
use crate::ui::share::file::SCHEMA;
use crate::ui::stylesheet::load_stylesheet;

/// The style sheet of the editor.
const STYLE: &str = "style/editor.css";

thread_local! {
    /// The schema documents by language. A document that was read lives as long as the page.
    static SCHEMA_DOCS: RefCell<BTreeMap<String, &'static SchemaDoc>> = const { RefCell::new(BTreeMap::new()) };
}

/// The schema with its texts in the language of the page; `None` if it cannot be loaded.
pub async fn schema_doc() -> Option<&'static SchemaDoc> {
    load_stylesheet(STYLE);
    let root = document().document_element()?;
    let language = root.get_attribute("lang").unwrap_or_default();
    if let Some(schema_doc) = SCHEMA_DOCS.with_borrow(|docs| docs.get(&language).copied()) {
        return Some(schema_doc);
    }
    let schema = fetch(SCHEMA).await?;
    // Where a language's texts are missing, English is said.
    let words = match language.as_str() {
        "en" | "" => None,
        other => fetch(&format!("scenario.schema.{other}.json")).await,
    };
    let schema_doc = SchemaDoc::read(&schema, words.as_deref()).ok()?;
    let schema_doc: &'static SchemaDoc = Box::leak(Box::new(schema_doc));
    SCHEMA_DOCS.with_borrow_mut(|docs| docs.insert(language, schema_doc));
    Some(schema_doc)
}
