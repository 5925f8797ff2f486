//! The legend below the stage: shapes, the name of the scene, its time scale.

use leptos::prelude::*;

use crate::scene::status::scale_line;
use crate::sim::fleet::spec::RequestKind;
use crate::t;
use crate::ui::inspector::InspectorKind;
use crate::ui::inspector_button::InspectorButton;
use crate::ui::scenes::scene_watch;
use crate::ui::session::Session;
use crate::ui::text::text;
use crate::words::scene_text;

/// The CSS class, the outline and the name of a kind of request.
fn drawn(kind: RequestKind) -> (&'static str, &'static str, String) {
    match kind {
        RequestKind::Page => (
            "page",
            "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11z",
            t!("legend.page"),
        ),
        RequestKind::Static => ("static", "M3 3h10v10H3z", t!("legend.static")),
        RequestKind::Checkout => ("checkout", "M8 1l7 7-7 7-7-7z", t!("legend.checkout")),
        RequestKind::Grpc => ("grpc", "M8 1.5l7 12.5H1z", t!("legend.grpc")),
        RequestKind::WebSocket => (
            "socket",
            "M1 8l3.5-6h7L15 8l-3.5 6h-7z",
            t!("legend.socket"),
        ),
    }
}

/// A shape and what it means, as an entry of a list. `outline` is path data in a box of 16 by 16.
pub fn shape(class: &'static str, outline: &'static str, word: String) -> impl IntoView {
    view! {
        <li>
            <svg class=class viewBox="0 0 16 16" aria-hidden="true">
                <path d=outline></path>
            </svg>
            {word}
        </li>
    }
}

/// The meaning of the shapes, and how the times of the scene compare with those of a data centre.
#[component]
pub fn Legend(session: Session) -> impl IntoView {
    let name = session.watch(|view| scene_text(&view.scenario().name));
    let watch = session.watch(|view| scene_watch(&view.scenario().name));
    let scale = session.watch(scale_line);
    // Each once.
    let kinds = session.watch(|view| {
        let mut kinds: Vec<RequestKind> = Vec::new();
        for class in &view.scenario().classes {
            if !kinds.contains(&class.kind) {
                kinds.push(class.kind);
            }
        }
        kinds
    });
    let requests = move || {
        let kinds = kinds.get();
        let only = kinds.len() == 1;
        kinds
            .into_iter()
            .map(|kind| {
                let (class, outline, word) = drawn(kind);
                // Where all requests are of one kind, the kind does not matter.
                shape(
                    class,
                    outline,
                    if only { t!("legend.request") } else { word },
                )
            })
            .collect_view()
    };
    view! {
        <div class="legend">
            <ul aria-label=t!("legend.title")>
                {requests}
                {shape("answer", "M8 3a5 5 0 1 0 0 10a5 5 0 1 0 0-10z", t!("legend.answer"))}
                {shape("failed", "M8 3a5 5 0 1 0 0 10a5 5 0 1 0 0-10zM6 6l4 4M10 6l-4 4", t!("legend.failed"))}
                {shape("check", "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12zM8 5v6M5 8h6", t!("legend.check"))}
            </ul>
            <p>
                <span class="scene">{name}</span>
                " · "
                {text(move || {
                    let watch = watch.get();
                    (!watch.is_empty()).then(|| format!("{watch} "))
                })}
                {scale}
                " "
                <InspectorButton kind=InspectorKind::Words />
            </p>
        </div>
    }
}
