//! Datalists of the names in the draft, which the browser proposes in text fields.

use leptos::prelude::*;
use serde_json::Value;

use super::state::EditorState;

/// A datalist for each list of the scene whose names other fields refer to.
pub fn names(state: EditorState) -> AnyView {
    let of = |list: &Value| {
        let list = list.as_array().into_iter().flatten();
        list.filter_map(|entry| entry["name"].as_str().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    let list = move |id: &'static str, known: fn(&Value) -> &Value| {
        let options = move || {
            let names = state.draft.with(|draft| {
                let mut names = of(known(draft.scene()));
                if let (true, Some(main)) = (
                    id.ends_with("pools"),
                    draft.scene()["balancer"]["pool"].as_str(),
                ) {
                    names.insert(0, main.to_owned());
                }
                names
            });
            let options = names
                .into_iter()
                .map(|name| view! { <option value=name></option> });
            options.collect_view()
        };
        view! { <datalist id=id>{options}</datalist> }
    };
    view! {
        {list("edit-names-clients", |scene| &scene["clients"])}
        {list("edit-names-servers", |scene| &scene["servers"])}
        {list("edit-names-pools", |scene| &scene["pools"])}
        {list("edit-names-resolvers", |scene| &scene["world"]["resolvers"])}
    }
    .into_any()
}
