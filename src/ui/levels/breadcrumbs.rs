//! The path from the world down to the level in sight.

use leptos::prelude::*;

use super::ZoomLevels;
use crate::t;

/// The steps of the path, each a button that leads there.
#[component]
pub fn Breadcrumbs(levels: ZoomLevels) -> impl IntoView {
    let steps = move || {
        let path = levels.path();
        let last = path.len().saturating_sub(1);
        path.into_iter()
            .enumerate()
            .map(|(place, (level, name))| {
                view! {
                    <li>
                        <button
                            type="button"
                            class="button"
                            aria-current=(place == last).then_some("step")
                            on:click=move |_| levels.go(level)
                        >
                            {name}
                        </button>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <nav class="levels" aria-label=t!("level.nav")>
            <ol>{steps}</ol>
        </nav>
    }
}
