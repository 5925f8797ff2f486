//! What is shown only at times.

use leptos::prelude::*;

/// Shows its children while `when` holds, and else the fallback: Leptos' component of that name.
///
/// That one has all its code anew for each condition and each child, two kilobytes for each of fifty. Here both are
/// boxed, so that it is in the page once.
#[component]
pub fn Show(
    when: impl Fn() -> bool + Send + Sync + 'static,
    children: ChildrenFn,
    #[prop(optional, into)] fallback: ViewFn,
) -> impl IntoView {
    boxed(Signal::derive(when), children, fallback)
}

fn boxed(when: Signal<bool>, children: ChildrenFn, fallback: ViewFn) -> AnyView {
    // Only a change of the answer makes anything anew.
    let when = Memo::new(move |_| when.get());
    let view = move || {
        if when.get() {
            children()
        } else {
            fallback.run()
        }
    };
    view.into_any()
}
