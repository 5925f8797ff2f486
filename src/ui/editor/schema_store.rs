//! What the editor needs besides its code: the schema, its texts in the reader's language, and the
//! style. None of it is part of the first view.

use std::cell::RefCell;
use std::collections::BTreeMap;

use leptos::prelude::*;

use crate::edit::schema::SchemaDoc;
use crate::ui::language::fetch;
use crate::ui::share::file::SCHEMA;
use crate::ui::stylesheet::load_stylesheet;

/// What the editor looks like.
const STYLE: &str = "style/editor.css";

thread_local! {
    /// By language. A schema that was read stays for as long as the page does.
    static SCHEMA_DOCS: RefCell<BTreeMap<String, &'static SchemaDoc>> = const { RefCell::new(BTreeMap::new()) };
}

/// The schema with its texts in the language of the page; `None` where it cannot be had.
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
