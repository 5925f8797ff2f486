//! A number field that refuses what is out of its range, in words, where it was typed.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

/// A native number field. `set` gets only what is in range.
#[component]
pub fn NumberField(
    /// The element's id.
    #[prop(into)]
    id: String,
    /// Its name in words, as the start of a sentence.
    #[prop(into)]
    label: String,
    /// Whether the label stands beside it; otherwise only assistive technology hears it.
    #[prop(optional)]
    labelled: bool,
    /// What stands behind the number.
    #[prop(optional)]
    unit: &'static str,
    /// The least allowed.
    min: f64,
    /// The most allowed.
    max: f64,
    /// Whether parts of a whole are allowed.
    #[prop(optional)]
    fraction: bool,
    /// What holds now.
    #[prop(into)]
    value: Signal<f64>,
    /// Takes what was typed.
    #[prop(into)]
    set: Callback<f64>,
) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let refused = RwSignal::new(false);
    let message_id = format!("{id}-refusal");
    let kind = if fraction {
        "a number"
    } else {
        "a whole number"
    };
    let message = format!("{label} must be {kind} from {min} to {max}{unit}.");
    // A change from elsewhere replaces what was refused.
    Effect::new(move |_| {
        value.track();
        refused.set(false);
    });
    let take = move |event: ev::Targeted<ev::Event, web_sys::HtmlInputElement>| {
        let typed = event.target().value_as_number();
        let fits = (min..=max).contains(&typed) && (fraction || typed.fract() == 0.0);
        refused.set(!fits);
        if fits {
            set.run(typed);
        }
    };
    let undo = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && refused.get_untracked() {
            refused.set(false);
            if let Some(field) = field.get_untracked() {
                field.set_value(&value.get_untracked().to_string());
            }
        }
    };
    let name = label.clone();
    let labels = id.clone();
    view! {
        <span class="number">
            {labelled.then(|| view! { <label for=labels>{label}</label> })}
            <input
                type="number"
                inputmode="decimal"
                id=id
                node_ref=field
                aria-label=(!labelled).then_some(name)
                min=min.to_string()
                max=max.to_string()
                step=if fraction { "any" } else { "1" }
                prop:value=move || value.get().to_string()
                aria-invalid=move || refused.get().then_some("true")
                aria-describedby=message_id.clone()
                on:input:target=take
                on:keydown=undo
            />
            {(!unit.is_empty()).then(|| view! { <span class="unit">{unit}</span> })}
            <span class="refusal" id=message_id role="alert">
                {move || refused.get().then(|| message.clone())}
            </span>
        </span>
    }
}
