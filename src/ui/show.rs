//! Conditional content.

use leptos::prelude::*;

/// Shows its children while `when` is true, else the fallback, like the component of Leptos with this name.
///
/// Leptos' component is compiled anew for each condition and each child, two kilobytes for each of fifty. Here both are
/// boxed, so that the code is in the program once.
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
