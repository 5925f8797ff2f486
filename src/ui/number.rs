//! A number field that refuses a value out of its range with a message at the field.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use crate::t;
use crate::ui::text::text;
use crate::words::number;

/// A native number field. `set` gets only values in the range, and only when the reader ends the input with Enter or
/// leaves the field.
#[component]
pub fn NumberField(
    /// The element id.
    #[prop(into)]
    id: String,
    /// The label, as the start of a sentence.
    #[prop(into)]
    label: String,
    /// Whether the label is visible; otherwise only assistive technology gets it.
    #[prop(optional)]
    labelled: bool,
    /// The unit behind the number.
    #[prop(optional)]
    unit: String,
    /// An explanation behind a question mark; nothing if the label says everything.
    #[prop(optional)]
    means: String,
    /// The smallest value.
    min: f64,
    /// The largest value.
    max: f64,
    /// Whether decimals are allowed.
    #[prop(optional)]
    fraction: bool,
    /// The present value.
    #[prop(into)]
    value: Signal<f64>,
    /// Takes the new value.
    #[prop(into)]
    set: Callback<f64>,
) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let refused = RwSignal::new(false);
    let held = RwSignal::new(false);
    let message_id = format!("{id}-refusal");
    let (least, most) = (number::short(min, 3), number::short(max, 3));
    let message = if fraction {
        t!(
            "number_field.number",
            label = &label,
            min = least,
            max = most,
            unit = &unit
        )
    } else {
        t!(
            "number_field.whole",
            label = &label,
            min = least,
            max = most,
            unit = &unit
        )
    };
    // A change from elsewhere replaces what was refused.
    Effect::new(move |_| {
        value.track();
        refused.set(false);
    });
    let fits = move |typed: f64| (min..=max).contains(&typed) && (fraction || typed.fract() == 0.0);
    // More digits cannot bring these back into range.
    let lost = move |typed: f64| typed > max || typed < min.min(0.0);
    let typing = move |event: ev::Targeted<ev::Event, web_sys::HtmlInputElement>| {
        refused.set(lost(event.target().value_as_number()));
    };
    let take = move |event: ev::Targeted<ev::Event, web_sys::HtmlInputElement>| {
        let typed = event.target().value_as_number();
        refused.set(!fits(typed));
        if fits(typed) {
            set.run(typed);
        }
    };
    let put_back = move || {
        // A field that goes while it has the focus loses it, after its signals are gone.
        let (field, value) = (
            field.try_get_untracked().flatten(),
            value.try_get_untracked(),
        );
        if let (Some(field), Some(value)) = (field, value) {
            field.set_value(&value.to_string());
        }
    };
    let undo = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            // The first Escape is the field's, the next one closes what the field stands in.
            if refused.get_untracked() {
                event.stop_propagation();
            }
            refused.set(false);
            put_back();
        }
    };
    let name = label.clone();
    let labels = id.clone();
    let means_id = format!("{id}-means");
    let explained = !means.is_empty();
    let told = if explained {
        format!("{message_id} {means_id}")
    } else {
        message_id.clone()
    };
    let asked = t!("number_field.means", label = &label);
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
                aria-invalid=move || (refused.get() && held.get()).then_some("true")
                aria-describedby=told
                on:input:target=typing
                on:change:target=take
                // What was refused stays said after the field is left, with the old value back: taken
                // away, it would move what is being pressed from under the pointer.
                on:focus=move |_| {
                    refused.set(false);
                    held.set(true);
                }
                on:blur=move |_| {
                    held.set(false);
                    put_back();
                }
                on:keydown=undo
            />
            {(!unit.is_empty()).then(|| view! { <span class="unit">{unit}</span> })}
            {explained.then(|| view! { <Meaning id=means_id name=asked means /> })}
            <span class="refusal" id=message_id role="alert">
                {text(move || refused.get().then(|| message.clone()))}
            </span>
        </span>
    }
}

/// A question mark that shows and hides an explanation. Assistive technology gets the explanation with the field in any
/// case.
#[component]
fn Meaning(id: String, name: String, means: String) -> impl IntoView {
    let open = RwSignal::new(false);
    let (title, line) = (name.clone(), id.clone());
    view! {
        <button
            type="button"
            class="quiet ask"
            aria-label=name
            title=title
            aria-expanded=move || open.get().to_string()
            aria-controls=id
            on:click=move |_| open.update(|open| *open = !*open)
        >
            "?"
        </button>
        <small class="means" id=line hidden=move || !open.get()>
            {means}
        </small>
    }
}
